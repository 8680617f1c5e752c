import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { SyncKey } from "./types.ts";

/** Makes sure that these syncs have a row; one that was taken out of the schedule is due at once. */
export async function ensureSyncs(db: Db, rows: readonly SyncKey[]): Promise<void> {
  await sql`
    insert into belay.sync as s (tenant, sync, connection, next_due)
    select tenant, sync, connection, (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")
    order by 1, 2, 3
    on conflict (tenant, sync, connection) do update set next_due = excluded.next_due where s.next_due is null
  `.execute(db);
}

/** Syncs that are not in the schedule. */
export async function readUnscheduled(db: Db): Promise<SyncKey[]> {
  const { rows } = await sql<SyncKey>`select tenant, sync, connection from belay.sync where next_due is null`.execute(db);
  return rows;
}

/** A sync that is due. */
export interface DueRow extends SyncKey {
  /** Sealed. */
  readonly progress: Uint8Array | null;
  readonly mapping: string | null;
  readonly wantsFull: boolean;
  readonly records: number;
  /** Since when it has been due, as the database writes it. */
  readonly due: string;
}

/** Syncs that are due now, those that have waited longest first. */
export async function readDue(db: Db, limit: number): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    select tenant, sync, connection, progress, mapping, wants_full as "wantsFull", records, next_due::text as due from belay.sync
    where next_due <= (select belay.now()) and next_due is not null and paused_at is null
    order by next_due limit ${limit}
  `.execute(db);
  return rows;
}

/** When a sync is due next; `null`: not any more. */
export interface NextDue extends SyncKey, Pick<DueRow, "due" | "wantsFull"> {
  readonly inMs: number | null;
  /** A walk of it begins; until one does, what it is to read stays. */
  readonly begins: boolean;
}

/**
 * Takes syncs that are due, and says when they are next. One that somebody has asked for since it was read is left due: what was planned is not what is wanted by now.
 *
 * @returns those that nobody else has taken.
 */
export async function takeDue(tx: Db, rows: readonly NextDue[]): Promise<SyncKey[]> {
  const { rows: taken } = await sql<SyncKey>`
    update belay.sync s set next_due = belay.now() + x."inMs" * interval '1 millisecond', wants_full = s.wants_full and not x.begins
    from (
      select * from json_to_recordset(${JSON.stringify(rows)}::json) as y(tenant text collate "C", sync text collate "C", connection text collate "C",
        due timestamptz, "wantsFull" boolean, "inMs" float8, begins boolean)
      order by 1, 2, 3
    ) x
    where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection and s.next_due = x.due and s.wants_full = x."wantsFull" and s.paused_at is null
    returning s.tenant, s.sync, s.connection
  `.execute(tx);
  return taken;
}

/** What a walk that ended leaves behind. */
export interface SyncMove extends SyncKey {
  readonly walk: number;
  /** It came to its end. */
  readonly complete: boolean;
  readonly proven: boolean;
  /** Sealed; null: as before. */
  readonly progress: Uint8Array | null;
  /** null: as before. */
  readonly mapping: string | null;
  readonly growth: number;
  /** It has looked at what is missing, and decided anew; else what waits for approval waits on. */
  readonly decided: boolean;
  /** Milliseconds; null: nothing waits. */
  readonly holdMs: number | null;
  /** Everything has to be read again. */
  readonly wantsFull: boolean;
}

/** Notes how far a sync has come. */
export async function moveSync(tx: Db, move: SyncMove): Promise<void> {
  const { tenant, sync, connection, walk, complete, proven, progress, mapping, growth, decided, holdMs, wantsFull } = move;
  await sql`
    update belay.sync set last_walk = ${walk}::bigint, records = records + ${growth}::bigint, wants_full = wants_full or ${wantsFull},
      last_complete_at = case when ${complete} then belay.now() else last_complete_at end,
      last_proven_at = case when ${proven} then belay.now() else last_proven_at end,
      progress = coalesce(${progress}::bytea, progress), mapping = coalesce(${mapping}, mapping),
      deletes_held_until = case when ${holdMs}::float8 is not null then belay.now() + ${holdMs}::float8 * interval '1 millisecond'
        when ${decided} then null else deletes_held_until end
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(tx);
}

/** Counts troubles that came and went. */
export async function countTroubles(tx: Db, { tenant, sync, connection }: SyncKey, by: number): Promise<void> {
  await sql`
    update belay.sync set troubles = greatest(0, troubles + ${by}::bigint) where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(tx);
}

/** Counts what syncs find when they begin: records that another one has brought, under another name. */
export async function adoptRecords(tx: Db, rows: readonly (SyncKey & { readonly adopts: number })[]): Promise<void> {
  await sql`
    update belay.sync s set records = x.adopts
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C", adopts bigint)
    where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection and s.records = 0
  `.execute(tx);
}

/** Counts records that were deleted without anybody's approval because their provider has named them; anew where the last such time is over. */
export async function countNamedDeletes(tx: Db, { tenant, sync, connection }: SyncKey, by: number, forMs: number): Promise<void> {
  const isOver = sql`(named_since is null or named_since <= belay.now() - ${forMs}::float8 * interval '1 millisecond')`;
  await sql`
    update belay.sync set named_deletes = case when ${isOver} then 0 else named_deletes end + ${by}::bigint,
      named_since = case when ${isOver} then belay.now() else named_since end
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(tx);
}

/** How many such there were in the time that is not over. */
export async function readNamedDeletes(db: Db, { tenant, sync, connection }: SyncKey, forMs: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select named_deletes as count from belay.sync
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and named_since > belay.now() - ${forMs}::float8 * interval '1 millisecond'
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** Makes a sync due now, or as soon as its open walk has ended. @returns whether there is one that is not paused. */
export async function makeDue(tx: Db, { tenant, sync, connection }: SyncKey, wantsFull: boolean): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.sync set next_due = belay.now(), hinted_at = belay.now(), wants_full = wants_full or ${wantsFull}
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and paused_at is null
  `.execute(tx);
  return numAffectedRows === 1n;
}

/**
 * Lets the next walk of each begin soon, where none is open: somebody waits for what it sees. Walks that are wanted so take up a fifth of the time at most, and one that came to nothing is
 * followed by a pause. @returns how many begin sooner now.
 */
export async function hastenSyncs(db: Db, keys: readonly SyncKey[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update belay.sync s set next_due = d.due
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")
    cross join lateral (
      select greatest((select belay.now()), max(
        coalesce(w.ended_at, w.moved_at) + 4 * (coalesce(w.ended_at, w.moved_at) - w.started_at) + case when w.state = 'complete' then interval '0' else interval '30 seconds' end
      )) as due
      from (
        select * from belay.walk w where w.tenant = x.tenant and w.sync = x.sync and w.connection = x.connection order by w.id desc limit 1
      ) w
    ) d
    where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection and s.next_due > d.due and s.paused_at is null
      and not exists (select from belay.walk o where o.tenant = s.tenant and o.sync = s.sync and o.connection = s.connection and o.state = 'open')
  `.execute(db);
  return Number(numAffectedRows);
}

/** Makes all connections of a tenant's sync due now, and lets them read everything. */
export async function makeTenantDue(tx: Db, { tenant, sync }: Omit<SyncKey, "connection">): Promise<void> {
  await sql`
    update belay.sync set next_due = belay.now(), hinted_at = belay.now(), wants_full = true where tenant = ${tenant} and sync = ${sync}
  `.execute(tx);
}

/** Pauses a sync at a connection. @returns whether it was not paused before. */
export async function setPaused(tx: Db, { tenant, sync, connection }: SyncKey, by: string, why: string): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.sync set paused_at = belay.now(), paused_by = ${by}, paused_why = ${why}
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and paused_at is null
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Lets a sync go on. @returns whether it was paused. */
export async function clearPaused(tx: Db, { tenant, sync, connection }: SyncKey): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.sync set paused_at = null, paused_by = null, paused_why = null, next_due = coalesce(next_due, belay.now())
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and paused_at is not null
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Nothing of it waits for approval any more, and what its provider names is counted anew: somebody has looked at it. @returns whether something did, and its time was not over. */
export async function clearHeld(tx: Db, { tenant, sync, connection }: SyncKey): Promise<boolean> {
  const { rows } = await sql<{ held: boolean }>`
    with before as (
      select deletes_held_until > belay.now() as held from belay.sync where tenant = ${tenant} and sync = ${sync} and connection = ${connection} for update
    ), cleared as (
      update belay.sync set deletes_held_until = null, named_deletes = 0, named_since = null where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
    )
    select coalesce(held, false) as held from before
  `.execute(tx);
  return rows[0]?.held ?? false;
}

/** A sync at a connection, as it is kept. */
export interface SyncRow extends SyncKey {
  readonly mapping: string | null;
  readonly nextDue: string | null;
  readonly wantsFull: boolean;
  readonly pausedAt: string | null;
  readonly pausedBy: string | null;
  readonly pausedWhy: string | null;
  readonly records: number;
  readonly troubles: number;
  readonly deletesHeldUntil: string | null;
  readonly lastCompleteAt: string | null;
  readonly lastProvenAt: string | null;
}

const iso = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Syncs at connections, by tenant, sync and connection. */
export async function readSyncRows(
  db: Db,
  { tenant, sync, connection }: { readonly [Name in keyof SyncKey]?: SyncKey[Name] | undefined },
  after: SyncKey | undefined,
  limit: number,
): Promise<SyncRow[]> {
  const { rows } = await sql<SyncRow>`
    select tenant, sync, connection, mapping, ${iso("next_due")} as "nextDue", wants_full as "wantsFull", ${iso("paused_at")} as "pausedAt",
      paused_by as "pausedBy", paused_why as "pausedWhy", records, troubles, ${iso("deletes_held_until")} as "deletesHeldUntil",
      ${iso("last_complete_at")} as "lastCompleteAt", ${iso("last_proven_at")} as "lastProvenAt"
    from belay.sync
    where (${tenant ?? null}::text is null or tenant = ${tenant ?? null}) and (${sync ?? null}::text is null or sync = ${sync ?? null})
      and (${connection ?? null}::text is null or connection = ${connection ?? null})
      ${after === undefined ? sql`` : sql`and (tenant, sync, connection) > (${after.tenant}, ${after.sync}, ${after.connection})`}
    order by tenant, sync, connection limit ${limit}
  `.execute(db);
  return rows;
}

/** The settings of a tenant. Sealed; `undefined`: it has none. */
export async function readSettings(db: Db, tenant: string, sync: string): Promise<Uint8Array | undefined> {
  const { rows } = await sql<{ settings: Uint8Array }>`
    select settings from belay.sync_setting where tenant = ${tenant} and sync = ${sync}
  `.execute(db);
  return rows[0]?.settings;
}

/** Sets the settings of a tenant. */
export async function upsertSettings(tx: Db, tenant: string, sync: string, settings: Uint8Array, by: string): Promise<void> {
  await sql`
    insert into belay.sync_setting (tenant, sync, settings, set_by) values (${tenant}, ${sync}, ${settings}, ${by})
    on conflict (tenant, sync) do update set settings = excluded.settings, set_by = excluded.set_by, set_at = belay.now()
  `.execute(tx);
}

/** Tells schedulers of other processes that something is due. */
export async function notifySchedulers(tx: Db): Promise<void> {
  await sql`select pg_notify('belay_sync', '')`.execute(tx);
}

/** Everything is to be read by the next walk, whenever it is due. */
export async function wantFull(tx: Db, rows: readonly SyncKey[]): Promise<void> {
  await sql`
    update belay.sync s set wants_full = true
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")
    where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection
  `.execute(tx);
}

/** Locks a sync whose deletes wait for approval, so that no walk begins meanwhile. @returns whether they do: their time is not over, and no walk is open. */
export async function lockHeld(tx: Db, { tenant, sync, connection }: SyncKey): Promise<boolean> {
  const { rows } = await sql`
    select from belay.sync s where s.tenant = ${tenant} and s.sync = ${sync} and s.connection = ${connection} and s.deletes_held_until > belay.now()
      and not exists (select from belay.walk w where w.tenant = s.tenant and w.sync = s.sync and w.connection = s.connection and w.state = 'open')
    for update
  `.execute(tx);
  return rows.length === 1;
}

/** Those of these syncs that a comparison can begin at: not paused, read to the end once, and no walk is open. */
export async function listIdle(db: Db, keys: readonly SyncKey[]): Promise<SyncKey[]> {
  const { rows } = await sql<SyncKey>`
    select s.tenant, s.sync, s.connection
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")
    cross join lateral (select * from belay.sync s where s.tenant = x.tenant and s.sync = x.sync and s.connection = x.connection limit 1) s
    where s.paused_at is null and s.last_complete_at is not null
      and not exists (select from belay.walk w where w.tenant = s.tenant and w.sync = s.sync and w.connection = s.connection and w.state = 'open')
  `.execute(db);
  return rows;
}

/** Locks a sync so that no walk begins meanwhile. @returns how it stands; `undefined` where a walk is open, or nothing was ever read to its end. */
export async function lockIdle(
  tx: Db,
  { tenant, sync, connection }: SyncKey,
): Promise<{ readonly records: number; readonly paused: boolean } | undefined> {
  const { rows } = await sql<{ records: number; paused: boolean }>`
    select s.records, s.paused_at is not null as paused from belay.sync s
    where s.tenant = ${tenant} and s.sync = ${sync} and s.connection = ${connection} and s.last_complete_at is not null
      and not exists (select from belay.walk w where w.tenant = s.tenant and w.sync = s.sync and w.connection = s.connection and w.state = 'open')
    for update
  `.execute(tx);
  return rows[0];
}

/** There are so many more records of a sync, or fewer. */
export async function growRecords(tx: Db, { tenant, sync, connection }: SyncKey, by: number): Promise<void> {
  await sql`
    update belay.sync set records = records + ${by}::bigint where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
  `.execute(tx);
}

/** Forgets syncs at connections that are gone. */
export async function deleteOfConnections(tx: Db, keys: readonly Omit<SyncKey, "sync">[]): Promise<void> {
  await sql`
    delete from belay.sync s
    using json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", connection text collate "C")
    where s.tenant = x.tenant and s.connection = x.connection
  `.execute(tx);
}
