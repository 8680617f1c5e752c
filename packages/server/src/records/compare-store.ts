import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import { recordsWith } from "./match-store.ts";
import type { SeenBy } from "./seen-store.ts";
import type { KeptRecord, RecordOrigin } from "./types.ts";

type RecordsOf = Pick<RecordOrigin, "tenant" | "connection" | "resource">;

/** The key of a record, whose id is `x.id`. */
const keyOf = ({ tenant, connection, resource }: RecordsOf): RawBuilder<unknown> =>
  sql`r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = x.id`;

/** Match keys as a text: each once, sorted. */
const keysText = sql.raw(
  `coalesce((select string_agg(k, ',' order by k) from (select distinct encode(u, 'hex') collate "C" as k from unnest(r.match_keys) u) d), '')`,
);

/** The checksum of the living ones of these records, in the order of the ids; see `digestOf`. */
export async function digestRecords(db: Db, { tenant, connection, resource }: RecordsOf, ids: readonly string[]): Promise<string> {
  const { rows } = await sql<{ digest: string }>`
    select encode(sha256(convert_to(coalesce(string_agg(r.external_id || E'\\n' || encode(r.hash, 'hex') || E'\\n' || ${keysText} || E'\\n\\n', '' order by x.n), ''), 'UTF8')), 'hex')
      as digest
    from json_array_elements_text(${JSON.stringify(ids)}::json) with ordinality x(id, n)
    cross join lateral (select * from belay.record r where ${keyOf({ tenant, connection, resource })} and r.hash is not null limit 1) r
  `.execute(db);
  return rows[0]?.digest ?? "";
}

/** A record as it is kept, with its match keys: hexadecimal, each once, sorted. */
export interface ComparableRecord extends KeptRecord {
  readonly keys: readonly string[];
}

/** What is kept of these external ids. */
export async function findComparable(
  db: Db,
  { tenant, connection, resource }: RecordsOf,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ComparableRecord>> {
  const { rows } = await sql<KeptRecord & { keys: string }>`
    select r.external_id as "externalId", r.id, encode(r.hash, 'hex') as hash, r.source_version as version, r.position, ${keysText} as keys
    from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (select * from belay.record r where ${keyOf({ tenant, connection, resource })} limit 1) r
  `.execute(db);
  return new Map(rows.map(({ keys, ...row }) => [row.externalId, { ...row, keys: keys === "" ? [] : keys.split(",") }]));
}

/**
 * The living records that a walk has not seen, by external id, from behind one of them on. What changed behind the feed's end at its beginning was known only later. A hash of the
 * ids of a walk is made, which our sessions otherwise never do: they are in no order.
 */
export async function readUnseen(
  tx: Db,
  { tenant, connection, resource, walk }: RecordsOf & Pick<SeenBy, "walk">,
  { knownUntil, after, limit }: { readonly knownUntil: number; readonly after: string; readonly limit: number },
): Promise<KeptRecord[]> {
  // What was never counted is thought to be little, and would be gone through for each record.
  await sql`set local enable_hashjoin = on`.execute(tx);
  await sql`set local enable_nestloop = off`.execute(tx);
  const { rows } = await sql<KeptRecord>`
    select r.external_id as "externalId", r.id, encode(r.hash, 'hex') as hash, r.source_version as version, r.position
    from belay.record r
    left join (select unnest(ids) as id from belay.walk_page where tenant = ${tenant} and walk = ${walk}::bigint) seen on seen.id = r.external_id
    where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.hash is not null and r.position <= ${knownUntil}::bigint
      and r.external_id > ${after} and seen.id is null
    order by r.external_id limit ${limit}
  `.execute(tx);
  return rows;
}

/** Another record of the same resource that holds the same, or is recognised by all that the first is recognised by. */
export interface Twin {
  readonly externalId: string;
  readonly twin: string;
  readonly by: "data" | "keys";
}

/** Living twins of these records. */
export async function findTwins(db: Db, { tenant, connection, resource }: RecordsOf, ids: readonly string[]): Promise<Twin[]> {
  const { rows } = await sql<Twin>`
    with mine as materialized (
      select r.external_id, r.hash, r.match_keys from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
      cross join lateral (select * from belay.record r where ${keyOf({ tenant, connection, resource })} and r.hash is not null limit 1) r
    ), same_data as (
      select m.external_id as "externalId", r.external_id as twin, 'data' as by from belay.record r join mine m on m.hash = r.hash
      where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id <> m.external_id
        and r.hash in (select hash from mine)
    ), same_keys as (
      select m.external_id, o.external_id, 'keys' from mine m cross join lateral (
        select r.external_id from ${recordsWith(sql`m.match_keys`)} r
        where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource}
          and r.hash is not null and r.external_id <> m.external_id limit 20
      ) o where m.match_keys is not null and cardinality(m.match_keys) > 0
    )
    select * from same_data union all select * from same_keys
  `.execute(db);
  return rows;
}

/** Where the newest version of a record stands, and the canonical id that the record has. */
export type RecordLink = Pick<KeptRecord, "externalId" | "id" | "position" | "version">;

/** Living records of a resource by external id, from behind one of them on. */
export async function listLinks(
  db: Db,
  { tenant, connection, resource }: RecordsOf,
  { knownUntil, after, limit }: { readonly knownUntil: number; readonly after: string; readonly limit: number },
): Promise<RecordLink[]> {
  const { rows } = await sql<RecordLink>`
    select external_id as "externalId", id, position, source_version as version from belay.record
    where tenant = ${tenant} and connection = ${connection} and resource = ${resource} and hash is not null and external_id > ${after}
      and position <= ${knownUntil}::bigint
    order by external_id limit ${limit}
  `.execute(db);
  return rows;
}

/** Two records of one resource that have one canonical id, and nothing in common by which they are recognised. */
export interface SharedId {
  readonly id: string;
  readonly records: readonly RecordLink[];
}

/** Canonical ids that living records of a resource share though no match key joins any two of them; at most `limit`. */
export async function listShared(
  db: Db,
  { tenant, connection, resource }: RecordsOf,
  { knownUntil, limit }: { readonly knownUntil: number; readonly limit: number },
): Promise<SharedId[]> {
  const { rows } = await sql<SharedId>`
    select r.id, json_agg(json_build_object('externalId', r.external_id, 'id', r.id, 'position', r.position, 'version', r.source_version) order by r.external_id) as records
    from belay.record r
    where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.hash is not null and r.position <= ${knownUntil}::bigint
    group by r.id
    having count(*) > 1 and count(r.match_keys) = count(*)
      and (select count(*) = count(distinct k) from (select * from belay.record s where s.tenant = ${tenant} and s.id = r.id offset 0) o
        cross join lateral unnest(o.match_keys) k where o.connection = ${connection} and o.resource = ${resource} and o.hash is not null)
    order by r.id limit ${limit}
  `.execute(db);
  return rows;
}
