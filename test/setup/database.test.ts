import { sql } from "kysely";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { databases, freshPostgres, openFreshPostgres } from "./database.ts";

describe.each(databases)("a fresh database on $name", ({ open }) => {
  test("is migrated, and sees nothing of another one", async () => {
    await using one = await open();
    await using other = await open();
    await sql`create table mark (id integer)`.execute(one.db);
    const { rows } = await sql`select to_regclass('belay.mailbox') is not null as migrated, to_regclass('mark') as mark`.execute(other.db);
    expect(rows).toEqual([{ migrated: true, mark: null }]);
  });
});

test("many files can ask for their first database at once", async () => {
  const urls = await Promise.all(Array.from({ length: 5 }, () => freshPostgres()));
  expect(new Set(urls).size).toBe(5);
});

test("closing a fresh PostgreSQL database drops it", async () => {
  const database = await openFreshPostgres();
  await database.close();
  await using gone = openDatabase({ kind: "postgres", url: database.url! });
  await expect(sql`select 1`.execute(gone.db)).rejects.toMatchObject({ code: "3D000" });
});
