import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export type BatchState = "reading" | "read" | "cancelled";

export interface BatchRunKey {
  readonly tenant: string;
  readonly id: string;
}

export interface BatchRunRow extends BatchRunKey {
  readonly batch: string;
  readonly connection: string;
  readonly state: BatchState;
  readonly items: number;
  readonly total: number | null;
  readonly startedBy: string;
  readonly startedAt: string;
  readonly readAt: string | null;
  readonly elapsedMs: number;
}

/** A run, and where its messages go. */
export type RunPlace = Pick<BatchRunRow, "tenant" | "id" | "batch" | "connection">;

/** @returns whether no other run of the batch reads for this tenant. */
export async function insertRun(db: Db, run: RunPlace & Pick<BatchRunRow, "startedBy">): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.batch_run (tenant, id, batch, connection, state, started_by)
    values (${run.tenant}, ${run.id}, ${run.batch}, ${run.connection}, 'reading', ${run.startedBy})
    on conflict (tenant, batch) where state = 'reading' do nothing returning 1
  `.execute(db);
  return rows.length > 0;
}

/**
 * Counts a page as kept, if it is the one that comes next and the run still reads; locks the run.
 *
 * @returns whether; if not, it is kept already, or no page is wanted any more.
 */
export async function takeTurn(
  db: Db,
  { tenant, id }: BatchRunKey,
  page: number,
  taken: { readonly items: number; readonly total: number | null; readonly last: boolean },
): Promise<boolean> {
  const { rows } = await sql`
    update belay.batch_run set page = page + 1, items = items + ${taken.items}::bigint, total = coalesce(${taken.total}::bigint, total),
      state = case when ${taken.last} then 'read' else state end, read_at = case when ${taken.last} then belay.now() end
    where tenant = ${tenant} and id = ${id} and page = ${page}::integer and state = 'reading'
    returning 1
  `.execute(db);
  return rows.length > 0;
}

/** Where the messages of a run go; `undefined`: there is no such run. */
export async function findRun(db: Db, { tenant, id }: BatchRunKey): Promise<RunPlace | undefined> {
  const { rows } = await sql<RunPlace>`
    select tenant, id, batch, connection from belay.batch_run where tenant = ${tenant} and id = ${id}
  `.execute(db);
  return rows[0];
}

/** @returns whether it read until now. */
export async function cancelReading(db: Db, { tenant, id }: BatchRunKey): Promise<boolean> {
  const { rows } = await sql`
    update belay.batch_run set state = 'cancelled', read_at = belay.now() where tenant = ${tenant} and id = ${id} and state = 'reading' returning 1
  `.execute(db);
  return rows.length > 0;
}

/** The newest runs first. */
export async function listRuns(
  db: Db,
  filter: { readonly tenant?: string; readonly batch?: string },
  limit: number,
): Promise<BatchRunRow[]> {
  const { tenant, batch } = filter;
  const { rows } = await sql<BatchRunRow>`
    select tenant, id, batch, connection, state, items, total, started_by as "startedBy",
      to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
      to_char(read_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "readAt",
      (extract(epoch from (select belay.now()) - started_at) * 1000)::float8 as "elapsedMs"
    from belay.batch_run
    where (${tenant === undefined} or tenant = ${tenant ?? ""}) and (${batch === undefined} or batch = ${batch ?? ""})
    order by started_at desc limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** Which of these items the run was given. */
export async function findKeys(db: Db, { tenant, id }: BatchRunKey, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ key: string }>`
    select k.key from json_array_elements_text(${JSON.stringify(keys)}::json) x(key)
    cross join lateral (select key from belay.batch_key k where k.tenant = ${tenant} and k.run = ${id} and k.key = x.key collate "C" limit 1) k
  `.execute(db);
  return new Set(rows.map(({ key }) => key));
}

/** Remembers what the run was given. */
export async function insertKeys(db: Db, { tenant, id }: BatchRunKey, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`
    insert into belay.batch_key (tenant, run, key) select ${tenant}, ${id}, key from json_array_elements_text(${JSON.stringify(keys)}::json) x(key)
    on conflict do nothing
  `.execute(db);
}

/** Everything was read: nothing comes twice any more. */
export async function deleteKeys(db: Db, { tenant, id }: BatchRunKey): Promise<void> {
  await sql`delete from belay.batch_key where tenant = ${tenant} and run = ${id}`.execute(db);
}

/** Forgets runs that ended so many days ago. */
export async function deleteOldRuns(db: Db, days: number): Promise<void> {
  await sql`
    with gone as (
      delete from belay.batch_run where state <> 'reading' and read_at < (select belay.now()) - ${days}::float8 * interval '1 day' returning tenant, id
    )
    delete from belay.batch_key k using gone where k.tenant = gone.tenant and k.run = gone.id
  `.execute(db);
}

export interface DueKey {
  readonly tenant: string;
  readonly batch: string;
}

/** Sees to it that batches with a schedule have a time to begin, somewhere in their first period. Those that have one keep it. */
export async function ensureDue(db: Db, rows: readonly (DueKey & { readonly inMs: number })[]): Promise<void> {
  await sql`
    insert into belay.batch_due (tenant, batch, due_at)
    select tenant, batch, (select belay.now()) + "inMs" * interval '1 ms'
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, batch text, "inMs" float8) order by 1, 2
    on conflict (tenant, batch) do nothing
  `.execute(db);
}

/** What is due of these batches, what has waited longest first. */
export async function readDue(db: Db, batches: readonly string[], limit: number): Promise<DueKey[]> {
  const { rows } = await sql<DueKey>`
    select tenant, batch from belay.batch_due
    where due_at <= (select belay.now()) and batch = any (array(select json_array_elements_text(${JSON.stringify(batches)}::json)))
    order by due_at limit ${limit}::integer
  `.execute(db);
  return rows;
}

/**
 * Takes what is due. The next time is a period after this one, and not in the past.
 *
 * @returns whether nobody else has taken it.
 */
export async function takeDue(db: Db, { tenant, batch }: DueKey, everyMs: number): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.batch_due set due_at = greatest(due_at, belay.now() - ${everyMs}::float8 * interval '1 ms') + ${everyMs}::float8 * interval '1 ms'
    where tenant = ${tenant} and batch = ${batch} and due_at <= belay.now()
  `.execute(db);
  return numAffectedRows === 1n;
}

/** Forgets what has been due for so many days: no process has a schedule for it. */
export async function deleteAbandoned(db: Db, days: number): Promise<void> {
  await sql`delete from belay.batch_due where due_at < (select belay.now()) - ${days}::float8 * interval '1 day'`.execute(db);
}
