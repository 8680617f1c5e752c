import { expect, test } from "vitest";
import { checkHabit, habits } from "./habits.ts";
import { readSources, show, type SourceFile } from "./sources.ts";

test.each(habits)("$name", (habit) => {
  expect(show(checkHabit(habit, readSources()))).toEqual([]);
});

test.each(habits)("each file excepted from: $name – needs to be", ({ exceptions, check }) => {
  const breaking = readSources().filter((file) => file.path in exceptions && check(file).length > 0);
  expect(breaking.map(({ path }) => path)).toEqual(
    Object.keys(exceptions)
      .filter((path) => !path.endsWith("/"))
      .toSorted(),
  );
});

/** The names of the habits that a file breaks. */
function broken(path: string, text: string): string[] {
  const files: SourceFile[] = [{ path, text }];
  return habits.filter((habit) => checkHabit(habit, files).length > 0).map(({ name }) => name);
}

const source = "packages/server/src/flow/run.ts";

test.each([
  ["packages/sdk/src/a.ts", "// line\n".repeat(401), "no file is longer than 400 lines"],
  ["packages/sdk/src/a.test.ts", "await new Promise((done) => setTimeout(done, 50));", "tests do not sleep"],
  ["test/e2e/a.test.ts", 'import { setTimeout } from "node:timers/promises";', "tests do not sleep"],
  [source, "const at = Date.now();", "the SDK and the server take time and chance from outside"],
  [source, "const at = new Date();", "the SDK and the server take time and chance from outside"],
  ["packages/sdk/src/a.ts", "const spread = Math.random();", "the SDK and the server take time and chance from outside"],
  [source, 'import { request } from "undici";', "only the pipeline speaks to the network"],
  ["connectors/stripe/index.ts", 'import http from "node:http";', "only the pipeline speaks to the network"],
  [source, 'await globalThis.fetch("https://example.com");', "only the pipeline speaks to the network"],
  [source, "await sql`update belay.job set at = now()`.execute(db);", "SQL reads belay.now(), which tests can move"],
  [
    source,
    "await sql`select r.id from json_array_elements_text(${ids}::json) x(id)\\n join belay.record r on r.tenant = ${tenant} and r.id = x.id`.execute(db);",
    "rows of a list that is given are looked up one by one",
  ],
  [
    source,
    "await sql`select d.id from belay.dead_letter d join json_to_recordset(${rows}::json) as x(id bigint) on d.id = x.id`.execute(db);",
    "rows of a list that is given are looked up one by one",
  ],
])("in %s, %j breaks: %s", (path, text, habit) => {
  expect(broken(path, text)).toEqual([habit]);
});

test.each([
  [source, "// Date.now() is forbidden\nconst at = new Date(clock.now());"],
  [source, "export const call = (fetch: typeof globalThis.fetch) => fetch(url);"],
  [source, 'import type { IncomingMessage } from "node:http";'],
  [source, "await sql`update belay.job set at = belay.now()`.execute(db);"],
  [
    source,
    "await sql`select r.id from json_array_elements_text(${ids}::json) x(id) cross join lateral (select * from belay.record r where r.id = x.id limit 1) r`.execute(db);",
  ],
  ["packages/sdk/src/http/send.ts", 'import { Agent } from "undici";'],
  ["bench/load.ts", 'const at = Date.now(); await fetch("http://127.0.0.1");'],
])("in %s, %j breaks nothing", (path, text) => {
  expect(broken(path, text)).toEqual([]);
});
