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
