import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface DedupeRow {
  readonly tenant: string;
  readonly connection: string;
  readonly key: string;
  readonly keep_ms: number;
}

/**
 * Remembers event keys and returns those that were new or had expired; the others have been seen. A key that another transaction is inserting now
 * is waited for, so that of two deliveries at once exactly one is new. Rows must be sorted by key and distinct, or two commits could deadlock.
 */
export async function insertDedupeKeys(db: Db, rows: readonly DedupeRow[]): Promise<Pick<DedupeRow, "tenant" | "connection" | "key">[]> {
  const result = await sql<Pick<DedupeRow, "tenant" | "connection" | "key">>`
    insert into belay.dedupe as d (tenant, connection, key, expires_at)
    select tenant, connection, key, (select belay.now()) + keep_ms * interval '1 millisecond'
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, connection text, key text, keep_ms float8)
    order by tenant collate "C", connection collate "C", key collate "C"
    on conflict (tenant, connection, key) do update set expires_at = excluded.expires_at where d.expires_at <= (select belay.now())
    returning tenant, connection, key
  `.execute(db);
  return result.rows;
}

/** Forgets keys whose provider can no longer deliver them again. @returns how many were deleted, at most `limit`. */
export async function deleteExpiredKeys(db: Db, limit: number): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.dedupe where ctid = any (array(select ctid from belay.dedupe where expires_at <= (select belay.now()) limit ${limit}))
      returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}

/** Until when a repeated delivery of an event is known; `undefined` when its key has been forgotten. */
export async function readKeyExpiry(db: Db, { tenant, connection, key }: Omit<DedupeRow, "keep_ms">): Promise<string | undefined> {
  const { rows } = await sql<{ until: string }>`
    select to_char(expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until
    from belay.dedupe where tenant = ${tenant} and connection = ${connection} and key = ${key}
  `.execute(db);
  return rows[0]?.until;
}
