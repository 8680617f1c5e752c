import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { KeptAttempt } from "./attempt.ts";

/** A row without its contents. Times are epoch milliseconds. */
export interface AttemptRow {
  readonly tenant: string;
  readonly message: number;
  readonly attempt: number;
  readonly started_at: number;
  readonly ended_at: number;
  readonly verdict: KeptAttempt["verdict"];
  readonly code: string | null;
  readonly next_at: number | null;
}

/** Writes attempts down. Rows travel as one JSON parameter, their contents as one bytea that is cut by offset. */
export async function insertAttempts(db: Db, rows: readonly (AttemptRow & { readonly contents: Uint8Array })[]): Promise<void> {
  let start = 0;
  const columns = rows.map(({ contents, ...row }) => {
    const placed = { ...row, start, length: contents.length };
    start += contents.length;
    return placed;
  });
  const bytes = Buffer.concat(rows.map(({ contents }) => contents));
  await sql`
    insert into belay.attempt (tenant, message, attempt, started_at, ended_at, verdict, code, next_at, contents)
    select tenant, message, attempt, to_timestamp(started_at / 1000), to_timestamp(ended_at / 1000), verdict, code, to_timestamp(next_at / 1000),
      substring(${bytes}::bytea from start + 1 for length)
    from json_to_recordset(${JSON.stringify(columns)}::json) as x(tenant text, message bigint, attempt integer, started_at float8, ended_at float8,
      verdict text, code text, next_at float8, start integer, length integer)
  `.execute(db);
}

/** A row of `proxied_call` without its contents. */
export interface CallRow {
  readonly tenant: string;
  readonly connection: string;
  readonly actor: string;
  /** Epoch milliseconds. */
  readonly ended_at: number;
  /** Of the provider's last answer. */
  readonly status: number | null;
  readonly code: string | null;
}

/** Writes proxied calls down. */
export async function insertCalls(db: Db, rows: readonly (CallRow & { readonly contents: Uint8Array })[]): Promise<void> {
  const columns = rows.map(({ contents, ...row }) => ({ ...row, contents: Buffer.from(contents).toString("base64") }));
  await sql`
    insert into belay.proxied_call (tenant, connection, actor, ended_at, status, code, contents)
    select tenant, connection, actor, to_timestamp(ended_at / 1000), status, code, decode(contents, 'base64')
    from json_to_recordset(${JSON.stringify(columns)}::json) as x(tenant text, connection text, actor text, ended_at float8, status integer, code text,
      contents text)
  `.execute(db);
}

export interface StoredCall {
  readonly id: number;
  readonly tenant: string;
  readonly connection: string;
  readonly actor: string;
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  readonly status: number | null;
  readonly code: string | null;
  readonly contents: Uint8Array;
}

/** Proxied calls of a tenant, newest first; of one connection only, where one is named, and below an id. */
export async function selectCalls(
  db: Db,
  {
    tenant,
    connection,
    before,
  }: { readonly tenant: string; readonly connection?: string | undefined; readonly before?: number | undefined },
  limit: number,
): Promise<StoredCall[]> {
  const { rows } = await sql<StoredCall>`
    select id::float8 as id, tenant, connection, actor, to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endedAt", status, code,
      contents
    from belay.proxied_call
    where tenant = ${tenant} and (${connection ?? null}::text is null or connection = ${connection ?? null}::text)
      and (${before ?? null}::bigint is null or id < ${before ?? null}::bigint)
    order by id desc limit ${limit}
  `.execute(db);
  return rows;
}

export interface StoredAttempt extends Pick<KeptAttempt, "attempt" | "startedAt" | "endedAt" | "verdict" | "code" | "nextAt"> {
  readonly contents: Uint8Array;
}

/** The newest `limit` attempts of a message, oldest first. */
export async function selectAttempts(db: Db, tenant: string, message: number, limit: number): Promise<StoredAttempt[]> {
  const { rows } = await sql<StoredAttempt>`
    select attempt, verdict, code, contents, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "startedAt",
      to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "endedAt",
      to_char(next_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "nextAt"
    from (
      select * from belay.attempt where tenant = ${tenant} and message = ${message} order by ended_at desc, attempt desc limit ${limit}
    ) newest order by ended_at, attempt
  `.execute(db);
  return rows;
}
