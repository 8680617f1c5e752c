import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { LinkKey, TwoWayKey } from "./types.ts";

/** A conflict as it is kept. */
export interface ConflictRow extends LinkKey {
  readonly field: string;
  /** Sealed. */
  readonly contents: Uint8Array;
  /** Sealed; null: nobody has decided. */
  readonly decision: Uint8Array | null;
  readonly decidedBy: string | null;
  /** ISO 8601. */
  readonly at: string;
}

/** Where a listing of conflicts goes on. */
export interface ConflictPlace {
  readonly twoWay: string;
  readonly record: string;
  readonly field: string;
}

const columns = sql`tenant, two_way as "twoWay", record, field, contents, decision, decided_by as "decidedBy",
  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at`;

/** Conflicts of a tenant by two-way sync, thing and field, from behind one of them on. */
export async function readConflicts(
  db: Db,
  { tenant, twoWay, record }: { readonly tenant: string; readonly twoWay?: string | undefined; readonly record?: string | undefined },
  after: ConflictPlace | undefined,
  limit: number,
): Promise<ConflictRow[]> {
  const { rows } = await sql<ConflictRow>`
    select ${columns} from belay.two_way_conflict
    where tenant = ${tenant} and (${twoWay ?? null}::text is null or two_way = ${twoWay ?? null}) and (${record ?? null}::text is null or record = ${record ?? null})
      ${after === undefined ? sql`` : sql`and (two_way, record, field) > (${after.twoWay}, ${after.record}, ${after.field})`}
    order by two_way, record, field limit ${limit}::integer
  `.execute(db);
  return rows;
}

/** A conflict that waits from now on. */
export interface HeldRow {
  readonly field: string;
  /** Sealed, hexadecimal. */
  readonly contents: string;
}

/**
 * These fields of a thing are in conflict, and no others.
 *
 * @param reopened Fields that a side has changed since they were last written down: what somebody has decided about them until now does not hold.
 * @returns those that are new, or wait for a decision once more.
 */
export async function replaceConflicts(
  tx: Db,
  { tenant, twoWay, record }: LinkKey,
  held: readonly HeldRow[],
  reopened: readonly string[],
): Promise<string[]> {
  await sql`
    delete from belay.two_way_conflict where tenant = ${tenant} and two_way = ${twoWay} and record = ${record}
      and field <> all (array(select field from json_to_recordset(${JSON.stringify(held)}::json) as x(field text)))
  `.execute(tx);
  if (held.length === 0) return [];
  const again = reopened.length === 0 ? [] : await clearDecisions(tx, { tenant, twoWay, record }, reopened);
  const { rows } = await sql<{ field: string; isNew: boolean }>`
    insert into belay.two_way_conflict (tenant, two_way, record, field, contents)
    select ${tenant}, ${twoWay}, ${record}, field, decode(contents, 'hex') from json_to_recordset(${JSON.stringify(held)}::json) as x(field text, contents text)
    on conflict (tenant, two_way, record, field) do update set contents = excluded.contents
    returning field, xmax = 0 as "isNew"
  `.execute(tx);
  return [...again, ...rows.filter(({ isNew }) => isNew).map(({ field }) => field)];
}

/** @returns the fields about which somebody had decided. */
async function clearDecisions(tx: Db, { tenant, twoWay, record }: LinkKey, fields: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ field: string }>`
    update belay.two_way_conflict set decision = null, decided_by = null, decided_at = null
    where tenant = ${tenant} and two_way = ${twoWay} and record = ${record} and decision is not null
      and field = any (array(select json_array_elements_text(${JSON.stringify(fields)}::json)))
    returning field
  `.execute(tx);
  return rows.map(({ field }) => field);
}

/** Keeps what somebody decided. @returns whether the conflict is still there. */
export async function setDecision(
  tx: Db,
  { tenant, twoWay, record, field }: LinkKey & Pick<ConflictRow, "field">,
  decision: Uint8Array,
  by: string,
): Promise<boolean> {
  const { numAffectedRows = 0n } = await sql`
    update belay.two_way_conflict set decision = ${decision}, decided_by = ${by}, decided_at = belay.now()
    where tenant = ${tenant} and two_way = ${twoWay} and record = ${record} and field = ${field}
  `.execute(tx);
  return numAffectedRows === 1n;
}

/** How many wait for a decision. */
export async function countConflicts(db: Db, keys: readonly TwoWayKey[]): Promise<(TwoWayKey & { readonly count: number })[]> {
  const { rows } = await sql<TwoWayKey & { count: number }>`
    select c.tenant, c.two_way as "twoWay", count(*)::integer as count
    from json_to_recordset(${JSON.stringify(keys)}::json) as x(tenant text collate "C", "twoWay" text collate "C")
    cross join lateral (select * from belay.two_way_conflict c where c.tenant = x.tenant and c.two_way = x."twoWay" and c.decision is null offset 0) c
    group by 1, 2
  `.execute(db);
  return rows;
}
