import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import { appendGiven } from "../feed/index.ts";
import type { KnownRecord, PlannedTrouble, RecordOrigin, TouchedRecord } from "./types.ts";

type RecordPlace = Pick<RecordOrigin, "tenant" | "connection" | "resource">;

/** Whose records the rows are; columns, where they say so themselves. */
interface PlaceOfRows {
  readonly tenant: string;
  readonly connection: string | RawBuilder<unknown>;
  readonly resource: string | RawBuilder<unknown>;
}

/**
 * Where each record lies, found from its id: were records joined to the ids, a plan that was made while the table was empty would walk through all of a resource for every page.
 * Locked, for a row that somebody else is changing moves.
 */
export const placeOf = ({ tenant, connection, resource }: PlaceOfRows): RawBuilder<unknown> => sql`
  cross join lateral (
    select r.ctid as place from belay.record r
    where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = x."externalId" limit 1 for update
  ) p
`;

/** What is kept of these external ids. */
export async function findKept(db: Db, { tenant, connection, resource }: RecordPlace, ids: readonly string[]): Promise<KnownRecord[]> {
  const { rows } = await sql<KnownRecord>`
    select r.external_id as "externalId", r.id, r.model, encode(r.hash, 'hex') as hash, r.source_version as version, r.position
    from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (
      select * from belay.record r
      where r.tenant = ${tenant} and r.connection = ${connection} and r.resource = ${resource} and r.external_id = x.id collate "C" limit 1
    ) r
  `.execute(db);
  return rows;
}

/** A record as it is written. */
export interface RecordRow {
  readonly externalId: string;
  readonly hash: string | null;
  readonly version: number | null;
  readonly position: number;
  readonly previous: number | null;
  readonly previousVersion: number | null;
  readonly keys: readonly string[] | null;
}

const recordColumns = sql.raw(
  `x("externalId" text collate "C", hash text, version bigint, position bigint, previous bigint, "previousVersion" bigint, keys json)`,
);

const matchKeys = sql.raw(
  `case when x.keys is not null then (select array_agg(decode(k, 'hex')) from json_array_elements_text(x.keys) k) end`,
);

/** A new record, and the change that tells of it. */
export interface NewRecordRow {
  readonly externalId: string;
  /** The canonical id. */
  readonly record: string;
  readonly hash: string | null;
  readonly version: number | null;
  readonly keys: readonly string[] | null;
  /** Where its sealed contents lie in the bytes that go along. */
  readonly start: number;
  readonly length: number;
}

/**
 * Adds records and their changes, as one statement: what both need is read once, and nobody waits in between for the end of the feed. One that is there already is left as it
 * is; the caller rolls back then.
 *
 * @returns how many were added.
 */
export async function insertRecords(db: Db, origin: RecordOrigin, rows: readonly NewRecordRow[], bytes: Uint8Array): Promise<number> {
  const { tenant, connection, resource, model, sync } = origin;
  const { numAffectedRows = 0n } = await sql`
    with given as materialized (
      select x.*, ${model}::text as model, 'created'::text as kind, ${connection}::text as connection, ${sync}::text as sync, null::bigint as previous
      from rows from (json_to_recordset(${JSON.stringify(rows)}::json) as ("externalId" text, record text, hash text, version bigint, keys json, start integer, length integer))
        with ordinality as x("externalId", record, hash, version, keys, start, length, number)
    ), ${appendGiven(tenant, rows.length, bytes)}
    insert into belay.record (tenant, connection, resource, external_id, id, model, hash, source_version, position, match_keys)
    select ${tenant}, ${connection}, ${resource}, x."externalId", x.record, ${model}, decode(x.hash, 'hex'), x.version, moved.before + x.number, ${matchKeys}
    from moved, given x
    on conflict (tenant, connection, resource, external_id) do nothing
  `.execute(db);
  return Number(numAffectedRows);
}

/** Changes records that are still the version they were, in the feed and at the source. @returns how many were. */
export async function updateRecords(
  db: Db,
  { tenant, connection, resource, model }: RecordPlace & Pick<RecordOrigin, "model">,
  rows: readonly RecordRow[],
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update belay.record r
    set model = ${model}, hash = decode(x.hash, 'hex'), source_version = coalesce(x.version, r.source_version), position = x.position, match_keys = ${matchKeys},
      deleted_at = case when x.hash is null then belay.now() end
    from (
      select x.*, p.place from json_to_recordset(${JSON.stringify(rows)}::json) as ${recordColumns} ${placeOf({ tenant, connection, resource })}
    ) x
    where r.ctid = x.place and r.position = x.previous and r.source_version is not distinct from x."previousVersion"
  `.execute(db);
  return Number(numAffectedRows);
}

/** Raises versions of records that are otherwise what they were. One that has changed meanwhile has a newer version already. */
export async function touchRecords(db: Db, { tenant, connection, resource }: RecordPlace, rows: readonly TouchedRecord[]): Promise<void> {
  await sql`
    update belay.record r set source_version = x.version
    from (
      select x.*, p.place from json_to_recordset(${JSON.stringify(rows)}::json) as x("externalId" text collate "C", version bigint, position bigint)
      ${placeOf({ tenant, connection, resource })} order by 1
    ) x
    where r.ctid = x.place and r.position = x.position and (r.source_version is null or r.source_version < x.version)
  `.execute(db);
}

/** Keeps troubles; one of the same record is replaced. @returns how many are new. */
export async function upsertTroubles(
  db: Db,
  { tenant, connection, sync, walk }: RecordOrigin,
  rows: readonly PlannedTrouble[],
): Promise<number> {
  const { rows: found } = await sql<{ isNew: boolean }>`
    insert into belay.record_trouble (tenant, sync, connection, external_id, walk, code, contents)
    select ${tenant}, ${sync}, ${connection}, "externalId", ${walk}::bigint, code, decode(contents, 'hex')
    from json_to_recordset(${JSON.stringify(rows)}::json) as x("externalId" text collate "C", code text, contents text)
    order by 4
    on conflict (tenant, sync, connection, external_id) do update set walk = excluded.walk, code = excluded.code, contents = excluded.contents, at = belay.now()
    returning xmax = 0 as "isNew"
  `.execute(db);
  return found.filter(({ isNew }) => isNew).length;
}

/** Forgets troubles of records that were taken. @returns how many there were. */
export async function deleteTroubles(
  db: Db,
  { tenant, connection, sync }: Pick<RecordOrigin, "tenant" | "connection" | "sync">,
  ids: readonly string[],
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.record_trouble
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection}
      and external_id = any (array(select json_array_elements_text(${JSON.stringify(ids)}::json)))
  `.execute(db);
  return Number(numAffectedRows);
}

/**
 * Forgets troubles from before a walk that has proven that it saw everything: it has met none of these records, so they are gone at the provider, or have got another name.
 *
 * @returns how many there were.
 */
export async function deleteGoneTroubles(
  db: Db,
  { tenant, connection, sync, walk }: Pick<RecordOrigin, "tenant" | "connection" | "sync" | "walk">,
  startedAtMs: number,
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from belay.record_trouble
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and walk <> ${walk}::bigint and at < to_timestamp(${startedAtMs}::float8 / 1000)
  `.execute(db);
  return Number(numAffectedRows);
}

interface TroubleRow {
  readonly externalId: string;
  readonly code: string;
  readonly contents: Uint8Array;
  readonly walk: number;
  readonly at: string;
}

/** Troubles of a sync, by external id. */
export async function readTroubles(
  db: Db,
  { tenant, sync, connection }: { readonly tenant: string; readonly sync: string; readonly connection: string },
  after: string,
  limit: number,
): Promise<TroubleRow[]> {
  const { rows } = await sql<TroubleRow>`
    select external_id as "externalId", code, contents, walk, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
    from belay.record_trouble
    where tenant = ${tenant} and sync = ${sync} and connection = ${connection} and external_id > ${after}
    order by external_id limit ${limit}
  `.execute(db);
  return rows;
}

/** How many living records of a resource are kept, whoever has brought them. */
export async function countRecords(db: Db, { tenant, connection, resource }: RecordPlace): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from belay.record where tenant = ${tenant} and connection = ${connection} and resource = ${resource} and hash is not null
  `.execute(db);
  return rows[0]?.count ?? 0;
}

/** A record that gets another canonical id. */
export interface MovedRow {
  readonly connection: string;
  readonly resource: string;
  readonly externalId: string;
  readonly previous: number;
  readonly position: number;
}

/** Gives records another canonical id, if they are still the version that they were. @returns how many were. */
export async function moveRows(db: Db, tenant: string, id: string, rows: readonly MovedRow[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update belay.record r set id = ${id}, position = x.position
    from (
      select x.*, p.place from json_to_recordset(${JSON.stringify(rows)}::json) as
        x(connection text collate "C", resource text collate "C", "externalId" text collate "C", previous bigint, position bigint)
      ${placeOf({ tenant, connection: sql`x.connection`, resource: sql`x.resource` })}
    ) x
    where r.ctid = x.place and r.position = x.previous
  `.execute(db);
  return Number(numAffectedRows);
}
