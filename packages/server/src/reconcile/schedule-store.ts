import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { SyncKey } from "../syncs/index.ts";

/** When a sync is compared next. */
export interface NextComparison extends SyncKey {
  readonly inMs: number;
}

/** Makes sure that these are compared by themselves, no later than said. */
export async function ensureScheduled(db: Db, rows: readonly NextComparison[]): Promise<void> {
  await sql`
    insert into belay.reconcile_schedule as s (tenant, sync, connection, next_due)
    select tenant, sync, connection, belay.now() + "inMs" * interval '1 millisecond'
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C", "inMs" float8)
    order by 1, 2, 3
    on conflict (tenant, sync, connection) do update set next_due = excluded.next_due where s.next_due > excluded.next_due
  `.execute(db);
}

/** Those that are due, the most overdue first. */
export async function readDueComparisons(db: Db, limit: number): Promise<SyncKey[]> {
  const { rows } = await sql<SyncKey>`
    select tenant, sync, connection from belay.reconcile_schedule where next_due <= (select belay.now()) order by next_due limit ${limit}
  `.execute(db);
  return rows;
}

/** Takes one that is due, and says when it is next. @returns whether nobody else has taken it. */
export async function takeDueComparison(tx: Db, { tenant, sync, connection, inMs }: NextComparison): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.reconcile_schedule set next_due = belay.now() + ${inMs}::float8 * interval '1 millisecond'
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and next_due <= belay.now()
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Takes connections that are gone out of the schedule. */
export async function unschedule(tx: Db, keys: readonly Omit<SyncKey, "sync">[]): Promise<void> {
  await sql`
    delete from belay.reconcile_schedule s
    using json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", connection text collate "C")
    where s.tenant = x.tenant and s.connection = x.connection
  `.execute(tx);
}
