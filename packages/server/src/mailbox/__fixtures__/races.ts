import { type ControlledTransaction, type Kysely, sql } from "kysely";
import type { Db } from "../../db/index.ts";

type Tables = Db extends Kysely<infer Names> ? Names : never;

/** A transaction that stays open until the test ends it. Every one must be ended, or the test's database cannot be closed. */
export async function begin(db: Db): Promise<ControlledTransaction<Tables>> {
  return await db.startTransaction().execute();
}

/** Resolves once exactly `count` sessions of this database wait for a lock that another one holds. */
export async function untilBlocked(db: Db, count = 1): Promise<void> {
  for (let attempt = 0; attempt < 2_000; attempt += 1) {
    const { rows } = await sql<{ waiting: number }>`
      select count(*)::integer as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
      db,
    );
    if (rows[0]?.waiting === count) return;
  }
  throw new Error(`${count} sessions were expected to wait for a lock, and do not`);
}
