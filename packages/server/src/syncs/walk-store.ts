import type { Proof } from "@belay/sdk/walk";
import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { SyncKey, WalkKind, WalkRow, WalkState } from "./types.ts";
import type { Lane } from "../mailbox/index.ts";

export interface NewWalkRow extends SyncKey {
  readonly kind: WalkKind;
  readonly lane: Lane;
  readonly countsSeen: boolean;
  readonly expected: number | null;
  /** The end of the tenant's feed when it began. */
  readonly begunAfter: number;
}

/** Opens walks; where one is open already, none is. @returns those that were opened. */
export async function insertWalks(tx: Db, rows: readonly NewWalkRow[]): Promise<(SyncKey & { readonly id: number })[]> {
  const { rows: opened } = await sql<SyncKey & { id: number }>`
    insert into belay.walk (tenant, sync, connection, kind, lane, counts_seen, expected, begun_after, started_at, moved_at)
    select tenant, sync, connection, kind, lane, "countsSeen", expected, "begunAfter", (select belay.now()), (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C", kind text, lane text,
      "countsSeen" boolean, expected bigint, "begunAfter" bigint)
    order by 1, 2, 3
    on conflict (tenant, sync, connection) where state = 'open' do nothing
    returning tenant, sync, connection, id
  `.execute(tx);
  return opened;
}

/** The open walk of a sync at a connection. */
export async function readOpenWalk(db: Db, { tenant, sync, connection }: SyncKey): Promise<WalkRow | undefined> {
  const { rows } = await sql<WalkRow>`
    select w.tenant, w.sync, w.connection, w.id, w.kind, w.lane, w.revision, w.counts_seen as "countsSeen", w.cursor, w.pages, w.growth, w.begun_after as "begunAfter",
      extract(epoch from w.started_at)::float8 * 1000 as "startedAtMs", s.progress, s.mapping, s.troubles, s.records, s.paused_at is not null as paused,
      s.deletes_held_until is not null as "hasHeld", coalesce(s.deletes_held_until <= belay.now(), true) as "isHoldOver"
    from belay.walk w join belay.sync s on s.tenant = w.tenant and s.sync = w.sync and s.connection = w.connection
    where w.tenant = ${tenant} and w.sync = ${sync} and w.connection = ${connection} and w.state = 'open'
  `.execute(db);
  return rows[0];
}

/** What became of records. */
export interface WalkCounts {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  readonly deleted: number;
  readonly troubled: number;
}

/** What a page adds to a walk. */
export interface WalkMove extends WalkCounts {
  /** By how many there are more records. */
  readonly growth: number;
  readonly tenant: string;
  readonly id: number;
  /** Only if it is still this one. */
  readonly revision: number;
  /** Sealed. */
  readonly cursor: Uint8Array;
  /** How many pages it is. */
  readonly pages: number;
  readonly seen: number;
  readonly expected: number | null;
}

/** Moves a walk on. @returns whether its sync is paused; `undefined`: it was not where it was thought to be, and stays there. */
export async function moveWalk(tx: Db, move: WalkMove): Promise<{ readonly paused: boolean } | undefined> {
  const { tenant, id, revision, cursor, pages, seen, expected, created, updated, unchanged, deleted, troubled, growth } = move;
  const { rows } = await sql<{ paused: boolean }>`
    update belay.walk w set revision = revision + 1, cursor = ${cursor}, pages = pages + ${pages}::integer, seen = seen + ${seen}::bigint,
      expected = coalesce(${expected}::bigint, expected), moved_at = belay.now(), created = created + ${created}::bigint, updated = updated + ${updated}::bigint,
      unchanged = unchanged + ${unchanged}::bigint, deleted = deleted + ${deleted}::bigint, troubled = troubled + ${troubled}::bigint, growth = growth + ${growth}::bigint
    where tenant = ${tenant} and id = ${id}::bigint and revision = ${revision}::integer and state = 'open'
    returning (select s.paused_at is not null from belay.sync s where s.tenant = w.tenant and s.sync = w.sync and s.connection = w.connection) as paused
  `.execute(tx);
  return rows[0];
}

export interface WalkEnd {
  readonly tenant: string;
  readonly id: number;
  readonly state: Exclude<WalkState, "open">;
  /** JSON text; null: there is none. */
  readonly proof: string | null;
  readonly whyNoProof: string | null;
  readonly code: string | null;
}

/** Ends an open walk. @returns whether it was open. */
export async function endWalk(tx: Db, { tenant, id, state, proof, whyNoProof, code }: WalkEnd): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.walk set state = ${state}, proof = ${proof}::jsonb, why_no_proof = ${whyNoProof}, code = ${code}, ended_at = belay.now(), revision = revision + 1,
      cursor = null
    where tenant = ${tenant} and id = ${id}::bigint and state = 'open'
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** Counts records that were deleted because of a walk after it had ended: by an approval, by a repair. Whoever wants them back finds the walk by that. */
export async function countLateDeletes(
  tx: Db,
  { tenant, walk }: { readonly tenant: string; readonly walk: number },
  by: number,
): Promise<void> {
  await sql`update belay.walk set deleted = deleted + ${by}::bigint where tenant = ${tenant} and id = ${walk}::bigint`.execute(tx);
}

/** How long ago a walk began, ms; undefined: nobody knows. */
export async function readWalkAge(db: Db, tenant: string, id: number): Promise<number | undefined> {
  const { rows } = await sql<{ age: number }>`
    select extract(epoch from belay.now() - started_at)::float8 * 1000 as age from belay.walk where tenant = ${tenant} and id = ${id}::bigint
  `.execute(db);
  return rows[0]?.age;
}

/** A walk as it is shown. */
export interface ShownWalk extends WalkCounts {
  readonly id: number;
  readonly kind: WalkKind;
  readonly state: WalkState;
  readonly pages: number;
  readonly seen: number;
  readonly expected: number | null;
  readonly proof: Proof | null;
  readonly whyNoProof: string | null;
  readonly code: string | null;
  /** By how many records there are more because of it. */
  readonly growth: number;
  readonly startedAt: string;
  readonly movedAt: string;
  readonly endedAt: string | null;
  /** So long it has walked. */
  readonly tookMs: number;
}

const iso = (column: string) => sql`to_char(${sql.ref(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Walks of a sync at a connection, newest first. */
export async function readWalks(db: Db, { tenant, sync, connection }: SyncKey, limit: number): Promise<ShownWalk[]> {
  const { rows } = await sql<ShownWalk>`
    select id, kind, state, pages, seen, created, updated, unchanged, deleted, troubled, expected, proof, why_no_proof as "whyNoProof", code,
      growth, ${iso("started_at")} as "startedAt", ${iso("moved_at")} as "movedAt", ${iso("ended_at")} as "endedAt",
      extract(epoch from coalesce(ended_at, moved_at) - started_at)::float8 * 1000 as "tookMs"
    from belay.walk where tenant = ${tenant} and sync = ${sync} and connection = ${connection} order by id desc limit ${limit}
  `.execute(db);
  return rows;
}

/** Whether a walk of the sync that reads everything has begun after this one; with `any`, one of any kind. */
export async function hasWalkedSince(
  db: Db,
  { tenant, sync, connection }: SyncKey,
  { walk, any }: { readonly walk: number; readonly any: boolean },
): Promise<boolean> {
  const { rows } = await sql`
    select from belay.walk where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and id > ${walk}::bigint
      and (${any} or kind <> 'incremental') limit 1
  `.execute(db);
  return rows.length > 0;
}

/** When the newest walk began that came to its end and wrote down what it saw, of each of these; where none did it is missing. */
export async function readLastLooks(db: Db, keys: readonly SyncKey[]): Promise<(SyncKey & { readonly since: string })[]> {
  const { rows } = await sql<SyncKey & { since: string }>`
    select x.tenant, x.sync, x.connection, w.since
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", sync text collate "C", connection text collate "C")
    cross join lateral (
      select w.started_at::text as since from belay.walk w
      where w.tenant = x.tenant and w.sync = x.sync and w.connection = x.connection and w.state = 'complete' and w.kind <> 'reconcile' order by w.id desc limit 1
    ) w
  `.execute(db);
  return rows;
}

/** Whether the walk of the sync that began last before one place of the feed began behind another, or just there. */
export async function hasBegunWithin(
  db: Db,
  { tenant, sync, connection }: SyncKey,
  { from, until }: { readonly from: number; readonly until: number },
): Promise<boolean> {
  const { rows } = await sql<{ isWithin: boolean }>`
    select begun_after >= ${from}::bigint as "isWithin" from belay.walk
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and begun_after < ${until}::bigint order by id desc limit 1
  `.execute(db);
  return rows[0]?.isWithin ?? true;
}

/** Forgets walks that ended so many days ago, at most `limit`; the newest of each sync stays. */
export async function deleteOldWalks(db: Db, days: number, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.walk where (tenant, id) in (
      select w.tenant, w.id from belay.walk w
      where w.ended_at < (select belay.now()) - make_interval(days => ${days}) and exists (
        select from belay.walk n where n.tenant = w.tenant and n.sync = w.sync and n.connection = w.connection and n.id > w.id
      )
      limit ${limit}
    )
  `.execute(db);
  return Number(numAffectedRows);
}

/** Forgets walks at connections that are gone. @returns which they were. */
export async function deleteWalks(
  tx: Db,
  keys: readonly Omit<SyncKey, "sync">[],
): Promise<{ readonly tenant: string; readonly walk: number }[]> {
  const { rows } = await sql<{ tenant: string; walk: number }>`
    delete from belay.walk w
    using json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", connection text collate "C")
    where w.tenant = x.tenant and w.connection = x.connection returning w.tenant, w.id as walk
  `.execute(tx);
  return rows;
}
