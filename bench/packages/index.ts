import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { lstat, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { compile } from "../../build/compile.ts";
import { packAll } from "../../build/stage.ts";
import { createProject } from "../../packages/create-belay/src/index.ts";
import { openRegistry } from "../../test/e2e/newcomer/registry.ts";
import { median } from "../support/median.ts";

const run = promisify(execFile);
const most = { sdkKb: 250, installMb: 60, helpMs: 150, readyMs: 4_000 };

/**
 * How large what is installed is, and how fast the installed command answers: packs the packages, installs them from a registry on loopback (what they depend on
 * comes from the network), and times the command from `dist`.
 */
export async function benchPackages({ quick }: CommandOptions, say: (status: string) => void): Promise<Report> {
  say("packing");
  await compile();
  const packages = await packAll();
  await using registry = await openRegistry(packages, "https://registry.npmjs.org");
  const folder = await mkdtemp(join(tmpdir(), "belay-packages-"));
  try {
    const sdkKb = (packages.find(({ name }) => name === "@belay/sdk")?.bytes ?? Number.NaN) / 1_024;
    say("installing the command alone");
    await writeFile(join(folder, "package.json"), '{ "private": true }');
    await install(folder, registry.url, "@belay/cli");
    const installMb = (await sizeOf(join(folder, "node_modules"))) / 1_048_576;

    const help = join(folder, "node_modules/@belay/cli/dist/main.js");
    const helpTimes: number[] = [];
    for (let count = 0; count < (quick ? 5 : 25); count += 1) helpTimes.push(await timed(() => run(process.execPath, [help, "--help"])));

    say("installing a new project");
    const project = join(folder, "project");
    await createProject({ folder: project });
    await install(project, registry.url);
    const readyTimes: number[] = [];
    for (let count = 0; count < (quick ? 1 : 5); count += 1) {
      say(`starting belay dev (${count + 1})`);
      readyTimes.push(await timed(() => developUntilReady(project)));
    }
    const figures = { sdkKb, installMb, helpMs: median(helpTimes), readyMs: median(readyTimes) };
    const violations = Object.entries(most)
      .filter(([name, limit]) => !(figures[name as keyof typeof most] <= limit))
      .map(([name, limit]) => `${name} is more than ${limit}.`);
    return { figures, violations };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function install(folder: string, registry: string, ...packages: readonly string[]): Promise<void> {
  await run("npm", ["install", "--silent", "--no-audit", "--no-fund", "--registry", registry, ...packages], {
    cwd: folder,
    timeout: 300_000,
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

/** From the start of the process to the line that says where Belay runs. */
async function developUntilReady(project: string): Promise<void> {
  const command = join(project, "node_modules/@belay/cli/dist/main.js");
  const child = spawn(process.execPath, [command, "dev", "--simulate", "--port", "0"], {
    cwd: project,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  await new Promise<void>((ready, failed) => {
    child.stdout.on("data", (chunk: Buffer) => (chunk.includes("Belay runs at") ? ready() : undefined));
    child.once("close", (code) => failed(new Error(`belay dev ended with ${code}.`)));
  });
  child.kill("SIGKILL");
  await ended;
}

/** Bytes of all files below. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await lstat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
