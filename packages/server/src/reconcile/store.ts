import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { SyncKey } from "../syncs/index.ts";
import type { ReconciliationState } from "./states.ts";
import type { ReconciliationKey } from "./types.ts";

/** A comparison as it is kept. */
export interface ReconciliationRow extends ReconciliationKey {
  readonly state: ReconciliationState;
  readonly sample: number;
  readonly wantedBy: string;
  readonly wantedAt: string;
  readonly walk: number | null;
  readonly mapping: string | null;
  readonly beganAt: string | null;
  readonly endedAt: string | null;
  readonly kept: number | null;
  readonly told: number | null;
  readonly compared: number;
  readonly windows: number;
  readonly windowsEqual: number;
  readonly sampled: number;
  readonly troubled: number;
  readonly moved: number;
  readonly proven: boolean;
  readonly whyUnproven: string | null;
  readonly code: string | null;
}

const iso = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const columns = sql`r.tenant, r.id, r.sync, r.connection, r.state, r.sample, r.wanted_by as "wantedBy", ${iso("r.wanted_at")} as "wantedAt", r.walk, r.mapping,
  ${iso("r.began_at")} as "beganAt", ${iso("r.ended_at")} as "endedAt", r.kept, r.told, r.compared, r.windows, r.windows_equal as "windowsEqual", r.sampled, r.troubled, r.moved,
  r.proven, r.why_unproven as "whyUnproven", r.code`;

/** Asks for a comparison. @returns whether there is a new one: one that waits or walks already stays the one. */
export async function insertWaiting(
  db: Db,
  { tenant, sync, connection }: SyncKey,
  { sample, wantedBy }: { readonly sample: number; readonly wantedBy: string },
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    insert into belay.reconciliation (tenant, sync, connection, sample, wanted_by, wanted_at) values (${tenant}, ${sync}, ${connection}, ${sample}, ${wantedBy}, belay.now())
    on conflict (tenant, sync, connection) where state in ('waiting', 'walking') do nothing
  `.execute(db);
  return numAffectedRows === 1n;
}

/** One that waits. */
export interface WaitingRow extends ReconciliationKey {
  readonly waitedMs: number;
}

/** Those that wait behind one of them, the oldest first. */
export async function readWaiting(db: Db, after: number, limit: number): Promise<WaitingRow[]> {
  const { rows } = await sql<WaitingRow>`
    select tenant, id, sync, connection, extract(epoch from (select belay.now()) - wanted_at)::float8 * 1000 as "waitedMs" from belay.reconciliation where state = 'waiting' and id > ${after}::bigint order by id limit ${limit}
  `.execute(db);
  return rows;
}

/** The comparison that waits or walks. */
export async function readOpen(db: Db, { tenant, sync, connection }: SyncKey): Promise<ReconciliationRow | undefined> {
  const { rows } = await sql<ReconciliationRow>`
    select ${columns} from belay.reconciliation r
    where r.tenant = ${tenant} and r.sync = ${sync} and r.connection = ${connection} and r.state in ('waiting', 'walking')
  `.execute(db);
  return rows[0];
}

/** Comparisons of a sync at a connection, newest first, from behind one of them on. */
export async function readRows(
  db: Db,
  { tenant, sync, connection }: SyncKey,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
): Promise<ReconciliationRow[]> {
  const { rows } = await sql<ReconciliationRow>`
    select ${columns} from belay.reconciliation r
    where r.tenant = ${tenant} and r.sync = ${sync} and r.connection = ${connection} and (${before ?? null}::bigint is null or r.id < ${before ?? null}::bigint)
    order by r.id desc limit ${limit}
  `.execute(db);
  return rows;
}

/** Whether a sync has this comparison at a connection. */
export async function hasReconciliation(db: Db, { tenant, sync, connection, id }: ReconciliationKey): Promise<boolean> {
  const { rows } = await sql`
    select from belay.reconciliation where tenant = ${tenant} and id = ${id}::bigint and sync = ${sync} and connection = ${connection}
  `.execute(db);
  return rows.length > 0;
}

/** The newest comparison that has ended. */
export async function readNewestEnded(db: Db, { tenant, sync, connection }: SyncKey): Promise<number | undefined> {
  const { rows } = await sql<{ id: number }>`
    select id from belay.reconciliation where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and state not in ('waiting', 'walking', 'failed')
    order by id desc limit 1
  `.execute(db);
  return rows[0]?.id;
}

/** When the newest comparison began that found both sides equal, and proved it. ISO 8601. */
export async function readProvenEqualAt(db: Db, { tenant, sync, connection }: SyncKey): Promise<string | null> {
  const { rows } = await sql<{ at: string }>`
    select ${iso("began_at")} as at from belay.reconciliation
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and state = 'equal' order by id desc limit 1
  `.execute(db);
  return rows[0]?.at ?? null;
}

/** Says that a comparison that waited walks. @returns whether it waited. */
export async function setWalking(
  tx: Db,
  { tenant, id }: ReconciliationKey,
  { walk, kept, mapping }: { readonly walk: number; readonly kept: number; readonly mapping: string },
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.reconciliation set state = 'walking', walk = ${walk}::bigint, kept = ${kept}::bigint, mapping = ${mapping}, began_at = belay.now()
    where tenant = ${tenant} and id = ${id}::bigint and state = 'waiting'
  `.execute(tx);
  return numAffectedRows === 1n;
}

export interface PageCounts {
  readonly compared: number;
  readonly windows: number;
  readonly windowsEqual: number;
  readonly sampled: number;
  readonly troubled: number;
  readonly moved: number;
  readonly told: number | null;
}

/** Adds what a page showed. */
export async function addCounts(tx: Db, { tenant, id }: Pick<ReconciliationKey, "tenant" | "id">, counts: PageCounts): Promise<void> {
  const { compared, windows, windowsEqual, sampled, troubled, moved, told } = counts;
  await sql`
    update belay.reconciliation set compared = compared + ${compared}::bigint, windows = windows + ${windows}::bigint, windows_equal = windows_equal + ${windowsEqual}::bigint,
      sampled = sampled + ${sampled}::bigint, troubled = troubled + ${troubled}::bigint, moved = moved + ${moved}::bigint, told = coalesce(${told}::bigint, told)
    where tenant = ${tenant} and id = ${id}::bigint
  `.execute(tx);
}

/** Ends a comparison that has not ended. */
export async function setEnded(
  tx: Db,
  { tenant, id }: Pick<ReconciliationKey, "tenant" | "id">,
  end: { readonly state: ReconciliationState; readonly proven: boolean; readonly whyUnproven: string | null; readonly code: string | null },
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.reconciliation set state = ${end.state}, proven = ${end.proven}, why_unproven = ${end.whyUnproven}, code = ${end.code}, ended_at = belay.now()
    where tenant = ${tenant} and id = ${id}::bigint and state in ('waiting', 'walking')
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Locks a plan, so that one pair of hands applies it at a time. Undefined: there is none that may be applied any more. */
export async function lockPlan(tx: Db, { tenant, id }: Pick<ReconciliationKey, "tenant" | "id">): Promise<ReconciliationRow | undefined> {
  const { rows } = await sql<ReconciliationRow>`
    select ${columns} from belay.reconciliation r
    where r.tenant = ${tenant} and r.id = ${id}::bigint and r.state = 'planned' and r.ended_at > belay.now() - interval '1 day' for update
  `.execute(tx);
  return rows[0];
}

/** Nothing is left to do of a plan. */
export async function setApplied(tx: Db, { tenant, id }: Pick<ReconciliationKey, "tenant" | "id">): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.reconciliation r set state = 'applied' where tenant = ${tenant} and id = ${id}::bigint and state = 'planned'
      and not exists (select from belay.discrepancy d where d.tenant = r.tenant and d.reconciliation = r.id and d.state = 'open')
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Forgets what comparisons found so many days ago, at most `limit`. */
export async function deleteOldDiscrepancies(db: Db, days: number, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.discrepancy d where (d.tenant, d.reconciliation, d.external_id, d.class) in (
      select o.tenant, o.reconciliation, o.external_id, o.class from belay.reconciliation r
      join belay.discrepancy o on o.tenant = r.tenant and o.reconciliation = r.id
      where r.ended_at < (select belay.now()) - make_interval(days => ${days}) limit ${limit}
    )
  `.execute(db);
  return Number(numAffectedRows);
}

/** Forgets comparisons that ended so many days ago, at most `limit`; of each sync the newest that was equal stays. */
export async function deleteOldReconciliations(db: Db, days: number, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.reconciliation where (tenant, id) in (
      select r.tenant, r.id from belay.reconciliation r where r.ended_at < (select belay.now()) - make_interval(days => ${days})
        and not exists (select from belay.discrepancy d where d.tenant = r.tenant and d.reconciliation = r.id)
        and (r.state <> 'equal' or exists (
          select from belay.reconciliation n where n.tenant = r.tenant and n.sync = r.sync and n.connection = r.connection and n.state = 'equal' and n.id > r.id
        ))
      limit ${limit}
    )
  `.execute(db);
  return Number(numAffectedRows);
}

/** Forgets comparisons at connections that are gone, and what they found. */
export async function deleteOfConnections(tx: Db, keys: readonly Omit<SyncKey, "sync">[]): Promise<void> {
  await sql`
    with gone as (
      delete from belay.reconciliation r
      using json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", connection text collate "C")
      where r.tenant = x.tenant and r.connection = x.connection returning r.tenant, r.id
    )
    delete from belay.discrepancy d using gone where d.tenant = gone.tenant and d.reconciliation = gone.id
  `.execute(tx);
}
