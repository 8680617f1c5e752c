import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { askForProject, createProject, describeProject } from "./index.ts";

const root = new URL("../../../", import.meta.url).pathname;
let parent = "";
beforeAll(async () => {
  // Within the repository, so that the project finds its packages without being installed.
  await mkdir(join(root, ".tmp"), { recursive: true });
  parent = await mkdtemp(join(root, ".tmp/create-"));
});
afterAll(() => rm(parent, { recursive: true, force: true }));

async function created(folder: string, template?: string): Promise<Extract<Awaited<ReturnType<typeof createProject>>, { ok: true }>> {
  const project = await createProject({ folder, ...(template !== undefined && { template }) });
  if (!project.ok) throw new Error(project.problem);
  return project;
}

describe("a new project", () => {
  test("has a configuration, a connector, a flow and its test, under its own name; and the test passes", async () => {
    const folder = join(parent, "acme-sync");
    const { name, files } = await created(folder);
    expect(name).toBe("acme-sync");
    expect(files).toEqual([
      ".gitignore",
      ".npmrc",
      "AGENTS.md",
      "README.md",
      "belay.config.ts",
      "connectors/tracker.ts",
      "flows/issues-to-tasks.test.ts",
      "flows/issues-to-tasks.ts",
      "package.json",
      "tsconfig.json",
    ]);
    expect(JSON.parse(await readFile(join(folder, "package.json"), "utf8"))).toMatchObject({ name: "acme-sync", private: true });
    const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap"], { cwd: folder });
    expect(stdout).toMatch(/# pass 2\n# fail 0/);
  });

  test("can be empty", async () => {
    const { files } = await created(join(parent, "bare"), "empty");
    expect(files).toContain("belay.config.ts");
    expect(files.filter((file) => file.includes("/"))).toEqual([]);
  });

  test("names in its package.json the versions that this repository tests", async () => {
    const read = async (file: string): Promise<Record<string, Record<string, string>>> =>
      JSON.parse(await readFile(join(root, file), "utf8"));
    const { version } = await read("packages/sdk/package.json");
    const workspace = await read("package.json");
    const { peerDependencies } = await read("packages/server/package.json");
    const tested = { ...workspace["devDependencies"], ...peerDependencies };
    for (const template of ["example", "empty"]) {
      const { dependencies, devDependencies } = await read(`packages/create-belay/template/${template}/package.json`);
      for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies }))
        expect([name, wanted]).toEqual([name, name.startsWith("@belay/") ? version : tested[name]]);
    }
  });

  test("says how to go on", async () => {
    const text = describeProject(await created(join(parent, "going-on")), parent);
    expect(text).toMatch(/cd going-on\n {2}npm install .*\n {2}npm run dev /);
  });
});

describe("a folder", () => {
  test("that is not empty is left as it is", async () => {
    const folder = join(parent, "full");
    await mkdir(folder);
    await writeFile(join(folder, "notes.txt"), "mine");
    expect(await createProject({ folder })).toMatchObject({
      ok: false,
      code: "CLI_PROJECT_EXISTS",
      problem: expect.stringMatching(/not empty: there is notes\.txt\. Choose another folder; nothing was changed/),
    });
    expect(await readdir(folder)).toEqual(["notes.txt"]);
  });

  test("with nothing but a repository in it counts as empty", async () => {
    const folder = join(parent, "versioned");
    await mkdir(join(folder, ".git"), { recursive: true });
    expect((await created(folder)).files).toContain("package.json");
  });

  test.each([
    ["My Project", undefined, /cannot be the name of a package/],
    ["fine", "fancy", /takes one of example, empty; this was "fancy"/],
  ])("%j with template %j is refused in words", async (name, template, problem) => {
    const folder = join(parent, name);
    expect(await createProject({ folder, ...(template && { template }) })).toMatchObject({
      ok: false,
      problem: expect.stringMatching(problem),
    });
  });
});

describe("the questions", () => {
  const console = (...answers: string[]) => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = new PassThrough();
    let asked = "";
    output.on("data", (chunk: Buffer) => {
      asked += chunk.toString();
      if (asked.endsWith("] ") && answers.length > 0) {
        asked = "";
        input.write(`${answers.shift()}\n`);
      }
    });
    return { input, output };
  };

  test("are two, and an empty answer takes the default", async () => {
    expect(await askForProject({}, console("mine", ""))).toEqual({ folder: "mine", template: "example" });
    expect(await askForProject({}, console("", "empty"))).toEqual({ folder: "my-integrations", template: "empty" });
  });

  test("are not asked with --yes, nor where nobody sits", async () => {
    expect(await askForProject({ yes: true }, console())).toEqual({ folder: "my-integrations", template: "example" });
    const nobody = { input: new PassThrough(), output: new PassThrough() };
    expect(await askForProject({ folder: "mine" }, nobody)).toEqual({ folder: "mine", template: "example" });
  });
});
