import { readFileSync } from "node:fs";
import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases, freshPostgres, openFreshPostgres } from "../../../../test/setup/database.ts";
import { describeSchema } from "../../../../test/setup/describe-schema.ts";
import { processDatabaseError } from "./failures.ts";
import { listMigrations, migrate } from "./migrate.ts";
import { type Database, type Db, openDatabase } from "./open-database.ts";

const dayMs = 86_400_000;

describe.each(databases)("the schema on $name", ({ open }) => {
  test("is the committed one, and migrating again changes nothing", async () => {
    await using database = await open();
    const committed = readFileSync(new URL("schema.sql", import.meta.url), "utf8");
    expect(await describeSchema(database.db), "run npm run docs:schema").toBe(committed);
    expect(await migrate(database.db)).toEqual([]);
    expect(await describeSchema(database.db)).toBe(committed);
    // What the database was copied from may have been made before midnight, and have yesterday too.
    const { rows } = await sql<{ days: number }>`
      select count(*)::integer as days from pg_inherits join pg_class c on c.oid = inhrelid
      where inhparent = 'belay.history'::regclass and c.relname between 'history_' || to_char(now() at time zone 'UTC', 'YYYYMMDD') and 'history_99999999'
    `.execute(database.db);
    expect(rows).toEqual([{ days: 8 }]);
  });
});

test("several processes that start at once migrate once, and all of them start", async () => {
  const url = await freshPostgres();
  for (let round = 0; round < 3; round += 1) {
    const processes = Array.from({ length: 4 }, () => openDatabase({ kind: "postgres", url, connections: 2 }));
    await sql`drop schema belay cascade`.execute(processes[0]!.db);
    const applied = await Promise.all(processes.map(({ db }) => migrate(db)));
    expect(applied.flat()).toEqual(await listMigrations());
    await Promise.all(processes.map((process) => process.close()));
  }
});

test("a migration that fails leaves nothing of itself and says which", async () => {
  await using database = await openFreshPostgres();
  await sql`drop schema belay cascade`.execute(database.db);
  await sql`create schema belay`.execute(database.db);
  await sql`create table belay.dedupe (mine text)`.execute(database.db);
  await expect(migrate(database.db)).rejects.toMatchObject({
    code: "DB_MIGRATION_FAILED",
    message: expect.stringContaining("0001_mailbox"),
    cause: { code: "42P07" },
  });
  const { rows } = await sql<{
    table: string;
  }>`select relname as table from pg_class where relnamespace = 'belay'::regnamespace and relkind = 'r' and relname !~ '^kysely'`.execute(
    database.db,
  );
  expect(rows).toEqual([{ table: "dedupe" }]);
});

test("a start after the prepared partitions ran out finds the rows of the days between in the default one, and is not stopped by them", async () => {
  const url = await freshPostgres();
  await using late = openDatabase({ kind: "postgres", url, connections: 1, clockOffsetMs: 10 * dayMs });
  await sql`
    insert into belay.history (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, schema_version, received_at, attempts, outcome)
    values ('t', 1, 'm', 'k', 'f', 'c', 'e', 'x', 1, belay.now(), 0, 'delivered')`.execute(late.db);
  expect(await migrate(late.db)).toEqual([]);
  expect((await sql`select from belay.history`.execute(late.db)).rows).toHaveLength(1);
  const { rows } = await sql<{
    days: number;
  }>`select count(*)::integer as days from pg_inherits where inhparent = 'belay.history'::regclass`.execute(late.db);
  // The default one and eight days were there; of the eight new days all but the one with the row got theirs.
  expect(rows).toEqual([{ days: 1 + 8 + 7 }]);
});

test("the clock of every statement can be moved", async () => {
  await using database = await openFreshPostgres({ clockOffsetMs: 3_600_000, connections: 1 });
  const ahead = async (): Promise<number> =>
    (await sql<{ ms: number }>`select extract(epoch from belay.now() - clock_timestamp())::float8 * 1000 as ms`.execute(database.db))
      .rows[0]!.ms;
  expect(Math.round((await ahead()) / 1_000)).toBe(3_600);
  await sql`set belay.clock_offset_ms = '-1000'`.execute(database.db);
  expect(Math.round((await ahead()) / 1_000)).toBe(-1);
});

test("a connection that is lost while it is in use fails its statement, ends nothing else and is replaced", async () => {
  const lost: Error[] = [];
  await using database = openDatabase({ kind: "postgres", url: await freshPostgres(), connections: 2 }, (error) => lost.push(error));
  const kill = (pid: number): Promise<unknown> => sql`select pg_terminate_backend(${pid}::integer, 5000)`.execute(database.db);
  const tx = await database.db.startTransaction().execute();
  const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(tx);
  await kill(rows[0]!.pid);
  const failure: unknown = await sql`select 1`.execute(tx).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Error);
  expect(processDatabaseError(failure)).toBe("unavailable");
  await tx
    .rollback()
    .execute()
    .catch(() => {});
  expect(lost.length).toBeGreaterThan(0);
  expect((await sql<{ one: number }>`select 1 as one`.execute(database.db)).rows).toEqual([{ one: 1 }]);
});

describe("a failed statement", () => {
  let database: Database;
  beforeAll(async () => {
    database = await openFreshPostgres();
    return () => database.close();
  });

  test.each([
    ["a NUL in text", "refused", (db: Db) => sql`select ${"a\0b"}::text`.execute(db)],
    ["a NUL in JSON", "refused", (db: Db) => sql`select ${JSON.stringify(["a\0b"])}::json ->> 0`.execute(db)],
    ["a lone surrogate in JSON", "refused", (db: Db) => sql`select ${JSON.stringify(["\ud800"])}::json ->> 0`.execute(db)],
    [
      "a check constraint",
      "refused",
      (db: Db) => sql`insert into belay.mailbox (tenant, id, connection, lane) values ('t', 'm', 'c', 'no')`.execute(db),
    ],
    ["a number out of range", "refused", (db: Db) => sql`select 9223372036854775807::bigint + 1`.execute(db)],
    [
      "a key too long for an index",
      "refused",
      (db: Db) =>
        sql`insert into belay.dedupe select 't', 'c', string_agg(md5(n::text), ''), belay.now() from generate_series(1, 500) n`.execute(db),
    ],
    ["a time-out", "unavailable", (db: Db) => sql`do $$ begin raise query_canceled; end $$`.execute(db)],
    ["a lock", "unavailable", (db: Db) => sql`do $$ begin raise lock_not_available; end $$`.execute(db)],
    ["a deadlock", "unavailable", (db: Db) => sql`do $$ begin raise deadlock_detected; end $$`.execute(db)],
    ["a full disk", "unavailable", (db: Db) => sql`do $$ begin raise disk_full; end $$`.execute(db)],
  ] as const)("for %s is %s", async (_what, verdict, statement) => {
    const failure: unknown = await statement(database.db).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Error);
    expect(processDatabaseError(failure)).toBe(verdict);
  });

  test("for want of a server is unavailable", async () => {
    await using nowhere = openDatabase({ kind: "postgres", url: "postgres://nobody@127.0.0.1:1/none" });
    const failure: unknown = await sql`select 1`.execute(nowhere.db).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(processDatabaseError(failure)).toBe("unavailable");
  });
});
