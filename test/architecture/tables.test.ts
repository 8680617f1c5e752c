import { expect, test } from "vitest";
import { readSources, show, type SourceFile } from "./sources.ts";
import { checkTables, findTables, ownedTables } from "./tables.ts";

const index = (slice: string, header: string): SourceFile => ({
  path: `packages/server/src/${slice}/index.ts`,
  text: `/**\n * ${header}\n */\n`,
});
const store = (slice: string, text: string): SourceFile => ({ path: `packages/server/src/${slice}/store.ts`, text });
const problems = (...files: SourceFile[]): string[] => checkTables(files).map(({ problem }) => problem);

test("every table is used by the slice that owns it only", () => {
  expect(show(checkTables(readSources("packages/server/src/**/*.{ts,sql}")))).toEqual([]);
});

test("a statement on another slice's table is refused", () => {
  const text = "await sql`select 1 from belay.mailbox`.execute(db);";
  expect(problems(index("mailbox", "Tables owned: mailbox, message."), store("flow", text))).toEqual([
    expect.stringContaining("owned by mailbox"),
  ]);
  expect(problems(index("mailbox", "Tables owned: mailbox, message."), store("mailbox", text))).toEqual([]);
});

test("a table without owner is refused, in migrations too", () => {
  const migration = {
    path: "packages/server/src/db/migrations/0001-start.sql",
    text: "create table belay.orphan (id bigint);\n-- belay.mentioned\n",
  };
  expect(problems(migration)).toEqual([expect.stringContaining("belay.orphan")]);
});

test("a table with two owners and a slice without header are refused", () => {
  expect(problems(index("vault", "Tables owned: key."), index("limits", "Tables owned: key."))).toEqual([
    expect.stringContaining("vault owns"),
  ]);
  expect(problems(index("vault", "Secrets."))).toEqual([expect.stringContaining("Tables owned")]);
});

test("the header may wrap and may say none", () => {
  expect(ownedTables(index("mailbox", "Boxes.\n *\n * Tables owned: mailbox, message,\n *   `block`."))).toEqual([
    "mailbox",
    "message",
    "block",
  ]);
  expect(ownedTables(index("telemetry", "Tables owned: none."))).toEqual([]);
});

test("tables are told from functions, sequences, comments and other text", () => {
  const text = `
    // belay.comment
    const label = "belay.label";
    sql\`insert into belay.step(id) select nextval('belay.ids'), belay.now() from belay.job j\`;
    sql<Row>\`update belay.lease set a = 1\`;
    db.selectFrom("belay.run as r");
    sql.raw("delete from belay.old");
    sql\`create table belay.old_default partition of belay.old default\`;
  `;
  expect(findTables(store("flow", text)).map(({ table }) => table)).toEqual(["step", "job", "lease", "run", "old", "old"]);
});
