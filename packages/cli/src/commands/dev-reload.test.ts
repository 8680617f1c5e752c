import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createProject } from "create-belay";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runBelay } from "../__fixtures__/run-command.ts";

const root = new URL("../../../../", import.meta.url).pathname;
const flow = "flows/issues-to-tasks.ts";
let parent = "";
let folder = "";
beforeEach(async () => {
  // Within the repository, so that the project finds its packages without being installed.
  await mkdir(join(root, ".tmp"), { recursive: true });
  parent = await mkdtemp(join(root, ".tmp/reload-"));
  folder = join(parent, "project");
  expect(await createProject({ folder })).toMatchObject({ ok: true });
});
afterEach(() => rm(parent, { recursive: true, force: true }));

/** Writes the file anew, with `from` replaced. */
async function change(file: string, from: string, to: string): Promise<void> {
  const path = join(folder, file);
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
}

const develop = (...args: string[]) =>
  runBelay("dev", "--simulate", "--config", join(folder, "belay.config.ts"), "--port", "0", "--events", "1200", ...args);

describe("belay dev", () => {
  test("runs a flow as it is after a change, and goes on with the one before while the change is broken", async () => {
    await using command = develop();
    await command.until(/tracker ← acme-tracker {2}task \d+ created/);

    await change(flow, "title: issue.title", "title: `Changed ${issue.title}`");
    await command.until(
      /reloaded in \d+ ms: flows\/issues-to-tasks\.ts\n[^]*tracker ← acme-tracker {2}task \d+ (created|updated) "Changed /,
    );

    await change(flow, "const reference", "const const reference");
    await command.until(/not reloaded, what ran before goes on: flows\/issues-to-tasks\.ts:16: Expected [^]*"Changed /);
    await change(flow, "const const reference", "const reference");
    await command.until(/goes on: [^]*reloaded in/);

    await change(flow, 'id: "issues-to-tasks"', 'id: "Issues"');
    await command.until(/goes on: (?=[^\n]*flows\/issues-to-tasks\.ts:6)[^\n]*Flow "Issues", id: /);
    await change(flow, 'id: "Issues"', 'id: "issues-to-tasks"');
    await command.until(/Flow "Issues", id: [^]*reloaded in/);
    command.interrupt();
    expect(await command.ended).toMatchObject({ code: 0 });
  });

  test("begins anew with a provider whose connector has changed, and takes a file that was missing when it appears", async () => {
    await using command = develop();
    await command.until(/task \d+ created/);
    await change("connectors/tracker.ts", 'path: "/tasks"', 'path: "/todos"');
    await command.until(/reloaded in \d+ ms: connectors\/tracker\.ts; the simulated providers begin anew\n[^]*task 1001 created/);

    await change("belay.config.ts", "./connectors/tracker.ts", "./connectors/todos.ts");
    await command.until(/what ran before goes on: .*todos\.ts/);
    await writeFile(join(folder, "connectors/todos.ts"), await readFile(join(folder, "connectors/tracker.ts")));
    await command.until(/todos\.ts[^]*reloaded in/);
  });
});
