import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { countMisplacedHistory, findOverdueMailboxes, maintainHistory, sweepBlobs, sweepSteps } from "./maintenance.ts";

describe.each(databases)("maintenance on $name", ({ open }) => {
  let database: Database;
  let db: Db;

  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });

  beforeEach(async () => {
    await sql`truncate belay.history, belay.blob, belay.step, belay.message, belay.dead_letter, belay.mailbox`.execute(db);
  });

  const partitions = async (): Promise<string[]> =>
    (
      await sql<{
        name: string;
      }>`select inhrelid::regclass::text as name from pg_inherits where inhparent = 'belay.history'::regclass order by 1`.execute(db)
    ).rows.map(({ name }) => name.replace("belay.", ""));

  const oldPartition = async (daysAgo: number): Promise<string> => {
    const { rows } = await sql<{ name: string; day: string }>`
      select 'history_' || to_char(d, 'YYYYMMDD') as name, d::date::text as day from (select belay.now() at time zone 'UTC' - ${daysAgo}::integer * interval '1 day' as d) x`.execute(
      db,
    );
    const [{ name, day } = { name: "", day: "" }] = rows;
    await sql
      .raw(
        `create table belay.${name} partition of belay.history for values from ('${day} 00:00+00') to ('${day} 00:00+00'::timestamptz + interval '1 day')`,
      )
      .execute(db);
    return name;
  };

  const message = (id: number, blob: string | null): Promise<unknown> =>
    sql`
    insert into belay.message (tenant, mailbox, id, order_key, flow, connection, event_key, event_type, payload, blob, received_at)
    values ('acme', 'desk/event', ${id}, 'k', 'f', 'c', 'e', 't', ${blob === null ? Buffer.from("{}") : null}, decode(${blob}, 'hex'), belay.now())`.execute(
      db,
    );

  test("drops history past its days, keeps the rest and prepares the next week", async () => {
    const old = await oldPartition(40);
    const recent = await oldPartition(20);
    expect(await maintainHistory(db, { historyDays: 30 })).toEqual([old]);
    const left = await partitions();
    expect(left).toContain(recent);
    expect(left).not.toContain(old);
    // From today on: what the database was copied from may have been made before midnight.
    const today = `history_${new Date().toISOString().slice(0, 10).replaceAll("-", "")}`;
    expect(left.filter((name) => name !== "history_default" && name >= today)).toHaveLength(8);
    expect(await maintainHistory(db, { historyDays: 30 })).toEqual([]);
  });

  test("sweeps large payloads that nothing refers to and that are past their time", async () => {
    const blob = (hash: string, daysAgo: number): Promise<unknown> =>
      sql`insert into belay.blob (tenant, hash, bytes, stored_at) values ('acme', decode(${hash}, 'hex'), 'x', belay.now() - ${daysAgo}::integer * interval '1 day')`.execute(
        db,
      );
    await blob("01", 100);
    await blob("02", 100);
    await blob("03", 1);
    await message(1, "02");
    expect(await sweepBlobs(db, { historyDays: 30 })).toBe(1);
    const { rows } = await sql<{ hash: string }>`select encode(hash, 'hex') as hash from belay.blob order by 1`.execute(db);
    expect(rows.map(({ hash }) => hash)).toEqual(["02", "03"]);
  });

  test("sweeps step results of messages that have ended, and no others", async () => {
    await message(1, null);
    await sql`
      insert into belay.step (tenant, message, mailbox, name, result, finished_at)
      select 'acme', m, 'desk/event', 'find', 'null', belay.now() - interval '2 days' from generate_series(1, 2) m`.execute(db);
    expect(await sweepSteps(db)).toBe(1);
    const { rows } = await sql<{ message: number }>`select message from belay.step`.execute(db);
    expect(rows.map((row) => Number(row.message))).toEqual([1]);
  });

  test("names mailboxes that nobody takes, but none that is paused", async () => {
    await sql`
      insert into belay.mailbox (tenant, id, connection, lane, due_at, paused_until) values
        ('acme', 'late/event', 'late', 'event', belay.now() - interval '5 minutes', null),
        ('acme', 'fresh/event', 'fresh', 'event', belay.now(), null),
        ('acme', 'paused/event', 'paused', 'event', belay.now() - interval '5 minutes', belay.now() + interval '1 hour')`.execute(db);
    expect(await findOverdueMailboxes(db, 60)).toMatchObject([{ tenant: "acme", mailbox: "late/event" }]);
  });

  test("sees history in the default partition", async () => {
    expect(await countMisplacedHistory(db)).toBe(0);
    await sql`
      insert into belay.history (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, schema_version, payload, received_at, attempts, outcome, finished_at)
      values ('acme', 1, 'm', 'k', 'f', 'c', 'e', 't', 1, '', belay.now(), 0, 'delivered', belay.now() - interval '300 days')`.execute(db);
    expect(await countMisplacedHistory(db)).toBe(1);
  });
});
