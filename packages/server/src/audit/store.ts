import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { type AuditContent, type AuditEntry, beginning, hashEntry } from "./entry.ts";

/**
 * Adds entries at the end of the chain, in this order. It holds the end for itself until the transaction is over: call it last, so that nobody waits for other work.
 *
 * @returns the entries as they were written.
 */
export async function appendEntries(tx: Db, contents: readonly Omit<AuditContent, "at">[]): Promise<AuditEntry[]> {
  // A statement of its own: the next one must see what whoever held the lock has committed.
  await sql`select pg_advisory_xact_lock(hashtext('belay audit'))`.execute(tx);
  const { rows } = await sql<{ at: string; number: number | null; hash: string | null }>`
    select to_char(belay.now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, last.number, encode(last.hash, 'hex') as hash
    from (select 1) as one left join (select number, hash from belay.audit_entry order by number desc limit 1) as last on true
  `.execute(tx);
  let { number, hash: previous } = { number: rows[0]?.number ?? 0, hash: rows[0]?.hash ?? beginning };
  const at = rows[0]?.at ?? "";
  const entries = contents.map((content): AuditEntry => {
    const entry = { ...content, at, number: (number += 1), previous };
    previous = hashEntry(entry);
    return { ...entry, hash: previous };
  });
  await sql`
    insert into belay.audit_entry (number, at, tenant, actor, role, action, object, outcome, status, code, count, address, previous, hash)
    select number, at, tenant, actor, role, action, object, outcome, status, code, count, decode(address, 'base64'), decode(previous, 'hex'), decode(hash, 'hex')
    from json_to_recordset(${JSON.stringify(entries)}::json) as x(number bigint, at timestamptz, tenant text, actor text, role text, action text, object text,
      outcome text, status integer, code text, count integer, address text, previous text, hash text)
  `.execute(tx);
  return entries;
}

export interface EntryFilter {
  readonly after?: number;
  /** ISO 8601. */
  readonly from?: string;
  readonly to?: string;
}

/** Entries in the order of the chain. */
export async function selectEntries(db: Db, { after, from, to }: EntryFilter, limit: number): Promise<AuditEntry[]> {
  const { rows } = await sql<AuditEntry>`
    select number, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, tenant, actor, role, action, object, outcome, status, code, count,
      translate(encode(address, 'base64'), E'\n', '') as address, encode(previous, 'hex') as previous, encode(hash, 'hex') as hash
    from belay.audit_entry e
    where e.number > ${after ?? 0}::bigint and (${from ?? null}::timestamptz is null or e.at >= ${from ?? null}::timestamptz)
      and (${to ?? null}::timestamptz is null or e.at < ${to ?? null}::timestamptz)
    order by e.number limit ${limit}::integer
  `.execute(db);
  return rows;
}
