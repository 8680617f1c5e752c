import { sql } from "kysely";
import type { Db } from "../db/index.ts";
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

/** As JSON, since drivers write lists of bytes in ways of their own. */
const bytesOf = (hashes: readonly Uint8Array[]) =>
  sql`array(select decode(x, 'hex') from json_array_elements_text(${JSON.stringify(hashes.map((hash) => Buffer.from(hash).toString("hex")))}::json) x)`;

/** Records in the order of their key. */
export async function findRows(
  db: Db,
  { tenant, connection, resource, model, externalId, withDeleted = false }: RecordFilter,
  { after, limit, behind, hashes }: Narrowing,
): Promise<RecordKeyRow[]> {
  const { rows } = await sql<RecordKeyRow>`
    select ${columns} from belay.record r
    where r.tenant = ${tenant}
      and (${connection ?? null}::text is null or r.connection = ${connection ?? null})
      and (${resource ?? null}::text is null or r.resource = ${resource ?? null})
      and (${model ?? null}::text is null or r.model = ${model ?? null})
      and (${externalId ?? null}::text is null or r.external_id = ${externalId ?? null})
      and (${withDeleted} or r.hash is not null)
      ${hashes.length === 0 ? sql`` : sql`and r.match_keys @> ${bytesOf(hashes)}`}
      ${behind === undefined ? sql`` : sql`and r.position > ${behind}::bigint`}
      ${after === undefined ? sql`` : sql`and (r.connection, r.resource, r.external_id) > (${after.connection}, ${after.resource}, ${after.externalId})`}
    order by r.connection, r.resource, r.external_id limit ${limit}
  `.execute(db);
  return rows;
}

/** The records of a canonical id. */
export async function readRows(db: Db, tenant: string, id: string): Promise<RecordKeyRow[]> {
  const { rows } = await sql<RecordKeyRow>`
    select ${columns} from belay.record r where r.tenant = ${tenant} and r.id = ${id} order by r.connection, r.resource, r.external_id
  `.execute(db);
  return rows;
}
