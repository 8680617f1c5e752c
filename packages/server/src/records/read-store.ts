import { type RawBuilder, sql } from "kysely";
import type { Db } from "../db/index.ts";
import { recordsWith } from "./match-store.ts";
import type { RecordFilter, RecordPlace } from "./read-records.ts";

/** A record without what it holds. */
export interface RecordKeyRow {
  readonly id: string;
  readonly connection: string;
  readonly resource: string;
  readonly externalId: string;
  readonly model: string;
  /** Hexadecimal; null: it is deleted. */
  readonly hash: string | null;
  readonly version: number | null;
  readonly position: number;
  /** ISO 8601; null: it is there. */
  readonly deletedAt: string | null;
}

const columns = sql`r.id, r.connection, r.resource, r.external_id as "externalId", r.model, encode(r.hash, 'hex') as hash, r.source_version as version, r.position,
  to_char(r.deleted_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "deletedAt"`;

interface Narrowing {
  readonly after: RecordPlace | undefined;
  readonly limit: number;
  /** Changed behind this position of the feed. */
  readonly behind: number | undefined;
  /** Has all of these match keys. */
  readonly hashes: readonly Uint8Array[];
}

/** Those that have all of these match keys; all, where there are none. As JSON, since drivers write lists of bytes in ways of their own. */
const recordsOf = (hashes: readonly Uint8Array[]): RawBuilder<unknown> => {
  if (hashes.length === 0) return sql`belay.record`;
  const hexes = JSON.stringify(hashes.map((hash) => Buffer.from(hash).toString("hex")));
  return recordsWith(sql`array(select decode(x, 'hex') from json_array_elements_text(${hexes}::json) x)`);
};

/** Records in the order of their key. */
export async function findRows(
  db: Db,
  { tenant, connection, resource, model, externalId, withDeleted = false }: RecordFilter,
  { after, limit, behind, hashes }: Narrowing,
): Promise<RecordKeyRow[]> {
  const { rows } = await sql<RecordKeyRow>`
    select ${columns} from ${recordsOf(hashes)} r
    where r.tenant = ${tenant}
      and (${connection ?? null}::text is null or r.connection = ${connection ?? null})
      and (${resource ?? null}::text is null or r.resource = ${resource ?? null})
      and (${model ?? null}::text is null or r.model = ${model ?? null})
      and (${externalId ?? null}::text is null or r.external_id = ${externalId ?? null})
      and (${withDeleted} or r.hash is not null)
      ${behind === undefined ? sql`` : sql`and r.position > ${behind}::bigint`}
      ${after === undefined ? sql`` : sql`and (r.connection, r.resource, r.external_id) > (${after.connection}, ${after.resource}, ${after.externalId})`}
    order by r.connection, r.resource, r.external_id limit ${limit}
  `.execute(db);
  return rows;
}

/** The records of canonical ids. */
export async function readRowsOf(db: Db, tenant: string, ids: readonly string[]): Promise<RecordKeyRow[]> {
  const { rows } = await sql<RecordKeyRow>`
    select ${columns} from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (select * from belay.record r where r.tenant = ${tenant} and r.id = x.id collate "C" offset 0) r
    order by r.id, r.connection, r.resource, r.external_id
  `.execute(db);
  return rows;
}

/** Canonical ids that have a living record like this, from behind one of them. */
export async function findIdRows(
  db: Db,
  { tenant, connection, model, externalId }: Pick<RecordFilter, "tenant" | "connection" | "model" | "externalId">,
  { after, limit, hashes }: { readonly after: string; readonly limit: number; readonly hashes: readonly Uint8Array[] },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select distinct r.id from ${recordsOf(hashes)} r
    where r.tenant = ${tenant} and r.id > ${after} and r.hash is not null
      and (${connection ?? null}::text is null or r.connection = ${connection ?? null})
      and (${model ?? null}::text is null or r.model = ${model ?? null})
      and (${externalId ?? null}::text is null or r.external_id = ${externalId ?? null})
    order by r.id limit ${limit}
  `.execute(db);
  return rows.map(({ id }) => id);
}

/** The records of a canonical id. */
export async function readRows(db: Db, tenant: string, id: string): Promise<RecordKeyRow[]> {
  const { rows } = await sql<RecordKeyRow>`
    select ${columns} from belay.record r where r.tenant = ${tenant} and r.id = ${id} order by r.connection, r.resource, r.external_id
  `.execute(db);
  return rows;
}

/** Of these things, the records that these connections have, in the order of their ids. */
export async function readRowsAt(
  db: Db,
  tenant: string,
  ids: readonly string[],
  places: readonly Pick<RecordKeyRow, "connection" | "resource">[],
): Promise<RecordKeyRow[]> {
  const { rows } = await sql<RecordKeyRow>`
    select ${columns} from json_array_elements_text(${JSON.stringify(ids)}::json) x(id)
    cross join lateral (select * from belay.record r where r.tenant = ${tenant} and r.id = x.id offset 0) r
    where exists (
      select from json_to_recordset(${JSON.stringify(places)}::json) as p(connection text, resource text) where p.connection = r.connection and p.resource = r.resource
    )
    order by r.id, r.connection, r.resource, r.external_id
  `.execute(db);
  return rows;
}
