import { sql } from "kysely";
import type { Db } from "../db/index.ts";

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

/** Who has these keys. */
export async function findByKeys(db: Db, tenant: string, model: string, keys: readonly string[]): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select r.id, r.connection, r.resource, x.key
    from json_array_elements_text(${JSON.stringify(keys)}::json) x(key)
    cross join lateral (
      select o.id, o.connection, o.resource from belay.record o
      where o.match_keys @> array[decode(x.key, 'hex')] and o.tenant = ${tenant} and o.model = ${model} and o.hash is not null
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
      select from belay.record o
      where o.match_keys @> array[decode(x.key, 'hex')] and o.tenant = ${tenant} and o.model = ${model} and o.position > ${after}::bigint
    )
    limit 1
  `.execute(db);
  return rows.length > 0;
}

/** Which of these things a connection has a living record of. */
export async function findTaken(
  db: Db,
  { tenant, connection, resource }: { readonly tenant: string; readonly connection: string; readonly resource: string },
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.id from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    join belay.record r on r.tenant = ${tenant} and r.id = x.id
    where r.connection = ${connection} and r.resource = ${resource} and r.hash is not null
  `.execute(db);
  return new Set(rows.map(({ id }) => id));
}
