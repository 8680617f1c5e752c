import { sql } from "kysely";
import type { Db } from "./open-database.ts";

const preparedDays = 7;
/** Dropping a partition needs a lock that every insert waits behind: better to try again later than to hold them up. */
const dropLockMs = 500;

/** Makes the partitions of today and the next week of a table that is partitioned by day and owned by the caller. Calling it twice is safe. */
export async function ensureDayPartitions(db: Db, table: string): Promise<void> {
  await sql`select belay.ensure_day_partitions(${table}, ${preparedDays})`.execute(db);
}

/** Drops the days of a table that are older than `days`. One that is being read stays until the next run. @returns the names of the partitions that were dropped. */
export async function dropDayPartitions(db: Db, table: string, days: number): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select c.relname as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ('belay.' || ${table}::text)::regclass and c.relname ~ ('^' || ${table}::text || '_[0-9]{8}$')
      and to_date(right(c.relname, 8), 'YYYYMMDD') < (belay.now() at time zone 'UTC')::date - ${days}::integer
    order by 1
  `.execute(db);
  const dropped: string[] = [];
  for (const { name } of rows) {
    const done = await db.transaction().execute(async (tx) => {
      await sql`select set_config('lock_timeout', ${`${dropLockMs}ms`}, true)`.execute(tx);
      return await sql`drop table if exists ${sql.table(`belay.${name}`)}`.execute(tx).then(
        () => true,
        // Somebody reads it: the transaction is rolled back, the next run tries again.
        () => false,
      );
    });
    if (done) dropped.push(name);
  }
  return dropped;
}
