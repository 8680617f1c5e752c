import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface OldTransaction {
  readonly pid: number;
  readonly application: string;
  readonly state: string;
  readonly seconds: number;
}

/**
 * Transactions of this database that have been open for longer than `seconds`, oldest first. As long as one is open, Postgres cannot clear away anything that
 * was deleted since it began, in any table.
 */
export async function findOldTransactions(db: Db, seconds: number): Promise<OldTransaction[]> {
  const { rows } = await sql<OldTransaction>`
    select a.pid, coalesce(a.application_name, '') as application, coalesce(a.state, '') as state,
      extract(epoch from own.query_start - a.xact_start)::float8 as seconds
    from pg_stat_activity a
    -- The machine's clock, not ours, is what xact_start was read from.
    join pg_stat_activity own on own.pid = pg_backend_pid()
    where a.datname = current_database() and a.pid <> own.pid and a.xact_start < own.query_start - ${seconds}::float8 * interval '1 second'
    order by a.xact_start limit 10
  `.execute(db);
  return rows;
}

export interface BloatedTable {
  readonly table: string;
  readonly dead: number;
  readonly live: number;
}

/**
 * Tables of ours whose dead rows outnumber the live ones and vacuum does not keep up: `dead` of them and five minutes without a vacuum, or ten times as many. A busy
 * mailbox leaves a hundred thousand between two vacuums; that is no threat.
 */
export async function findBloatedTables(db: Db, dead: number): Promise<BloatedTable[]> {
  const { rows } = await sql<BloatedTable>`
    select relname as "table", n_dead_tup as dead, n_live_tup as live
    from pg_stat_user_tables
    where schemaname = 'belay' and n_dead_tup > n_live_tup
      and (n_dead_tup >= ${dead}::bigint * 10
        or (n_dead_tup >= ${dead}::bigint and coalesce(greatest(last_vacuum, last_autovacuum), pg_postmaster_start_time())
          < (select query_start from pg_stat_activity where pid = pg_backend_pid()) - interval '5 minutes'))
    order by n_dead_tup desc
  `.execute(db);
  return rows;
}
