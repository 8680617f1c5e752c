import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { ListPart } from "./seen-store.ts";
import type { RecordOrigin } from "./types.ts";

/** A living record that has a key in common. */
export interface KeyRow {
  /** The canonical id. */
  readonly id: string;
  readonly connection: string;
  readonly resource: string;
  /** Hexadecimal. */
  readonly key: string;
}

/** So many records of one key are looked at: a key that more have says nothing about who somebody is. */
const mostOfKey = 20;

/**
 * The records that have all of these keys, found by them and by nothing else: keys belong to one tenant, and a plan that thinks little of a tenant's records would go through all of
 * them for every key.
 */
export const recordsWith = (keys: RawBuilder<unknown>): RawBuilder<unknown> =>
  sql`(select * from belay.record k where k.match_keys @> ${keys} offset 0)`;

/** Who has these keys. */
export async function findByKeys(db: Db, tenant: string, model: string, keys: readonly string[]): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select r.id, r.connection, r.resource, x.key
    from json_array_elements_text(${JSON.stringify(keys)}::json) x(key)
    cross join lateral (
      select o.id, o.connection, o.resource from ${recordsWith(sql`array[decode(x.key, 'hex')]`)} o
      where o.tenant = ${tenant} and o.model = ${model} and o.hash is not null
      limit ${mostOfKey}::integer
    ) r
  `.execute(db);
  return rows;
}

/** Whether somebody got one of these keys after a place of the feed. */
export async function hasNewer(db: Db, tenant: string, model: string, keys: readonly string[], after: number): Promise<boolean> {
  const { rows } = await sql`
    select from json_array_elements_text(${JSON.stringify(keys)}::json) x(key)
    where exists (
      select from ${recordsWith(sql`array[decode(x.key, 'hex')]`)} o
      where o.tenant = ${tenant} and o.model = ${model} and o.position > ${after}::bigint
    )
    limit 1
  `.execute(db);
  return rows.length > 0;
}

/** Records that take nothing. */
export interface NotTaking {
  /** Those that the sync has on this part of its list, because they are about to be deleted. */
  readonly leaving: ListPart | "none";
  readonly externalId: string;
}

/** Which of these things a connection has a living record of. */
export async function findTaken(
  db: Db,
  { tenant, connection, resource, sync }: Pick<RecordOrigin, "tenant" | "connection" | "resource" | "sync">,
  ids: readonly string[],
  without?: NotTaking,
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.id from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (select * from belay.record r where r.tenant = ${tenant} and r.id = x.id offset 0) r
    where r.connection = ${connection} and r.resource = ${resource} and r.hash is not null
      and (${without?.externalId ?? null}::text is null or r.external_id <> ${without?.externalId ?? null})
      and (${without?.leaving ?? "none"} = 'none' or not exists (
        select from belay.pending_delete p
        where p.tenant = ${tenant} and p.sync = ${sync} and p.connection = ${connection} and p.external_id = r.external_id
          and (${without?.leaving ?? "none"} <> 'named' or p.named)
      ))
  `.execute(db);
  return new Set(rows.map(({ id }) => id));
}

/** A living record with what it is recognised by. */
export interface KeyedRecord {
  readonly externalId: string;
  /** The canonical id. */
  readonly id: string;
  /** Hexadecimal. */
  readonly keys: readonly string[];
}

/** Those of these records that a connection has. */
export async function findKeyed(
  db: Db,
  { tenant, connection, resource }: Pick<RecordOrigin, "tenant" | "connection" | "resource">,
  externalIds: readonly string[],
): Promise<KeyedRecord[]> {
  const { rows } = await sql<KeyedRecord>`
    select r.external_id as "externalId", r.id, array_to_json(array(select encode(k, 'hex') from unnest(r.match_keys) k)) as keys
    from json_array_elements_text(${JSON.stringify(externalIds)}::json) x(id)
    cross join lateral (
      select * from belay.record r
      where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = x.id collate "C" and r.hash is not null limit 1
    ) r
  `.execute(db);
  return rows;
}
