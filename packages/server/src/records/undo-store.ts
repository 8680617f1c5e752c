import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { placeOf } from "./store.ts";
import type { RecordOrigin } from "./types.ts";

/** The records that one walk of a sync has deleted. */
export interface DeletedBy {
  readonly tenant: string;
  readonly sync: string;
  readonly connection: string;
  readonly walk: number;
}

/** A record that is about to be deleted. */
export interface GoingRow {
  readonly externalId: string;
  /** Of its deletion in the feed, and of its version before. */
  readonly position: number;
  readonly previous: number;
}

/** Keeps how records are that are deleted next in this transaction. Those that are not what they are said to be are left out: nor are they deleted then. */
export async function insertDeleted(tx: Db, origin: RecordOrigin, rows: readonly GoingRow[]): Promise<void> {
  const { tenant, sync, connection, walk, resource } = origin;
  await sql`
    insert into belay.deleted_record (tenant, sync, connection, walk, external_id, resource, position, previous, hash, match_keys, at)
    select ${tenant}, ${sync}, ${connection}, ${walk}::bigint, x."externalId", ${resource}, x.position, x.previous, r.hash, r.match_keys, (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as x("externalId" text collate "C", position bigint, previous bigint)
    cross join lateral (
      select o.hash, o.match_keys from belay.record o
      where o.tenant = ${tenant} and o.connection = ${connection} and o.resource = ${resource} and o.external_id = x."externalId"
        and o.position = x.previous and o.hash is not null limit 1
    ) r
    on conflict (tenant, sync, connection, walk, external_id) do update
      set position = excluded.position, previous = excluded.previous, hash = excluded.hash, match_keys = excluded.match_keys, at = excluded.at
  `.execute(tx);
}

/** A record that a walk has deleted, and what it is now. */
export interface DeletedRow {
  readonly externalId: string;
  readonly resource: string;
  readonly position: number;
  readonly previous: number;
  /** The canonical id, and the model. */
  readonly id: string;
  readonly model: string;
  /** Nothing has happened to it since. */
  readonly isGone: boolean;
  /** It was deleted so recently that it can be brought back. */
  readonly isRecent: boolean;
}

/** What a walk has deleted, by external id. `undoMs`: for so long it can be brought back. */
export async function readDeleted(
  db: Db,
  { tenant, sync, connection, walk }: DeletedBy,
  { after, limit, undoMs }: { readonly after: string; readonly limit: number; readonly undoMs: number },
): Promise<DeletedRow[]> {
  const { rows } = await sql<DeletedRow>`
    select d.external_id as "externalId", d.resource, d.position, d.previous, r.id, r.model, r.position = d.position and r.hash is null as "isGone",
      d.at + ${undoMs}::float8 * interval '1 millisecond' > (select belay.now()) as "isRecent"
    from belay.deleted_record d
    join belay.record r on r.tenant = d.tenant and r.connection = d.connection and r.resource = d.resource and r.external_id = d.external_id
    where d.tenant = ${tenant} and d.sync = ${sync} and d.connection = ${connection} and d.walk = ${walk}::bigint and d.external_id > ${after}
    order by d.external_id limit ${limit}
  `.execute(db);
  return rows;
}

/** A record that is brought back. */
export interface ReturningRow {
  readonly externalId: string;
  /** Of its deletion, and of the change that tells that it is back. */
  readonly deleted: number;
  readonly position: number;
}

/** Makes records what they were before a walk has deleted them, if nothing has happened to them since. @returns how many it did. */
export async function returnDeleted(tx: Db, { tenant, sync, connection, walk }: DeletedBy, rows: readonly ReturningRow[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    with back as (
      delete from belay.deleted_record d
      using (
        select x.*, g.place from json_to_recordset(${JSON.stringify(rows)}::json) as x("externalId" text collate "C", deleted bigint, position bigint)
        cross join lateral (
          select g.ctid as place from belay.deleted_record g
          where g.tenant = ${tenant} and g.sync = ${sync} and g.connection = ${connection} and g.walk = ${walk}::bigint and g.external_id = x."externalId"
          limit 1 for update
        ) g
      ) x
      where d.ctid = x.place and d.position = x.deleted
      returning d.resource, d.external_id as "externalId", d.position as deleted, d.hash, d.match_keys, x.position
    )
    update belay.record r set hash = b.hash, match_keys = b.match_keys, position = b.position, deleted_at = null
    from (select x.*, p.place from back x ${placeOf({ tenant, connection, resource: sql`x.resource` })}) b
    where r.ctid = b.place and r.position = b.deleted and r.hash is null
  `.execute(tx);
  return Number(numAffectedRows);
}

/** Forgets deletions of so many days ago, at most `limit`. @returns how many. */
export async function forgetDeleted(db: Db, days: number, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.deleted_record where ctid = any(array(
      select ctid from belay.deleted_record where at < (select belay.now()) - make_interval(days => ${days}) limit ${limit}
    ))
  `.execute(db);
  return Number(numAffectedRows);
}
