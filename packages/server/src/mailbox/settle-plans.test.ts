import { sql } from "kysely";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { claimOne, commit, dead, delivered, fetchAll, newMessage, parked, retried, settle, storeSteps } from "./__fixtures__/mailbox.ts";

let database: Database;
let db: Db;
beforeAll(async () => {
  database = await openFreshPostgres();
  db = database.db;
});
afterAll(() => database.close());

const backlog = 5_000;

/** How many entries of each index and rows of each table statements have read so far. */
async function countReads(): Promise<Record<string, number>> {
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ name: string; read: number }>`
    select indexrelname as name, idx_tup_read::float8 as read from pg_stat_user_indexes where schemaname = 'belay'
    union all
    select relname, seq_tup_read::float8 from pg_stat_user_tables where schemaname = 'belay'
  `.execute(db);
  return Object.fromEntries(rows.map(({ name, read }) => [name, read]));
}

test("a settlement reads its own rows only, even when the planner believes that the tables are empty", async () => {
  await commit(
    db,
    Array.from({ length: 8 }, (_, index) => newMessage(`key-${index}`)),
  );
  const lease = await claimOne(db);
  const messages = await fetchAll(db, lease);
  // As after a statistic that was taken while a queue was empty and its pages were not: no rows in many pages.
  await db.transaction().execute(async (tx) => {
    await sql`
      insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at, parked)
      select 'acme', 'acme-desk/event', 'waits-' || n, 'f', 'c', 'e-' || n, 't', 'x', belay.now(), n % 2 = 0 from generate_series(1, ${backlog}::integer) n
    `.execute(tx);
    await sql`
      insert into belay.block (tenant, mailbox, order_key, due_at)
      select 'acme', 'acme-desk/event', 'waits-' || n, belay.now() + interval '1 day' from generate_series(1, ${backlog}::integer) n
    `.execute(tx);
    await sql`
      insert into belay.step (tenant, message, name, mailbox, result)
      select 'acme', -n, 'one', 'acme-desk/event', '{}' from generate_series(1, ${backlog}::integer) n
    `.execute(tx);
    await sql`analyze belay.message`.execute(db);
    await sql`analyze belay.block`.execute(db);
    await sql`analyze belay.step`.execute(db);
  });
  const [first] = messages;
  await storeSteps(db, [{ tenant: "acme", mailbox: "acme-desk/event", message: first!.id, name: "one", result: "{}", wrote: true }]);
  const before = await countReads();
  await settle(
    db,
    lease,
    [
      { kind: "delivered", message: { ...first!, parked: true }, stepped: true },
      delivered(messages[1]!),
      { kind: "superseded", message: messages[2]! },
      dead(messages[3]!),
      retried(messages[4]!),
      parked(messages[5]!),
      { kind: "suspend", message: messages[6]! },
      { kind: "forgive", message: messages[7]! },
    ],
    "keep",
  );
  const reads = Object.entries(await countReads()).map(([name, read]) => ({ name, read: read - (before[name] ?? 0) }));
  expect(reads.filter(({ read }) => read > 50)).toEqual([]);
});
