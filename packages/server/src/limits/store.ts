import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import { type BudgetState, emptyBudget } from "./types.ts";

export interface BudgetKey {
  readonly tenant: string;
  readonly key: string;
}

/** A budget as it was read. */
export interface BudgetRow extends BudgetKey {
  /** 0: there is no row yet. */
  readonly version: number;
  readonly state: BudgetState;
}

const toRows = (keys: readonly BudgetKey[]): string => JSON.stringify(keys.map(({ tenant, key }) => ({ x_tenant: tenant, x_id: key })));

const nowMs = sql`(extract(epoch from (select belay.now())) * 1000)::float8`;

/** The budgets in the order of the keys, those that have no row yet as empty, and the database's time, read after the call. */
export async function readBudgets(db: Db, keys: readonly BudgetKey[]): Promise<{ readonly rows: BudgetRow[]; readonly nowMs: number }> {
  const { rows } = await sql<{ tenant: string; key: string; version: number | null; state: BudgetState | null; nowMs: number }>`
    select x.x_tenant as tenant, x.x_id as key, b.version::integer as version, b.state, ${nowMs} as "nowMs"
    from json_to_recordset(${toRows(keys)}::json) as x(x_tenant text, x_id text)
    left join belay.budget b on b.tenant = x.x_tenant and b.id = x.x_id
  `.execute(db);
  return {
    rows: rows.map(({ tenant, key, version, state }) => ({ tenant, key, version: version ?? 0, state: state ?? emptyBudget })),
    nowMs: rows[0]?.nowMs ?? 0,
  };
}

/**
 * Changes budgets, each only where it still is as it was read. Rows are locked in sorted order, for the statement only.
 *
 * @returns those that were changed; the others somebody else has changed meanwhile.
 */
export async function writeBudgets(db: Db, rows: readonly BudgetRow[]): Promise<BudgetKey[]> {
  const sorted = rows.toSorted((a, b) => compare(a.tenant, b.tenant) || compare(a.key, b.key));
  const values = sorted.map(({ tenant, key, version, state }) => {
    const blocked = state.blockedUntilMs > 0 ? state.blockedUntilMs / 1_000 : null;
    return { x_tenant: tenant, x_id: key, x_version: version, x_state: state, x_blocked: blocked };
  });
  const { rows: written } = await sql<BudgetKey>`
    insert into belay.budget as b (tenant, id, version, state, blocked_until)
    select x_tenant, x_id, x_version + 1, x_state, to_timestamp(x_blocked)
    from json_to_recordset(${JSON.stringify(values)}::json) as x(x_tenant text, x_id text, x_version bigint, x_state json, x_blocked float8)
    on conflict (tenant, id) do update set version = excluded.version, state = excluded.state, blocked_until = excluded.blocked_until, changed_at = belay.now()
    where b.version = excluded.version - 1
    returning b.tenant, b.id as key
  `.execute(db);
  return written;
}

/** As the database sorts: by code point, which is what comparing in JavaScript does for all but rare characters; a lock is never waited for long. */
function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

export interface BlockedBudget extends BudgetKey {
  readonly forMs: number;
}

/** Budgets that nobody may spend now. */
export async function readBlocked(db: Db): Promise<BlockedBudget[]> {
  const { rows } = await sql<BlockedBudget>`
    select tenant, id as key, (extract(epoch from (blocked_until - belay.now())) * 1000)::float8 as "forMs"
    from belay.budget where blocked_until > belay.now()
  `.execute(db);
  return rows;
}

export const limitsChannel = "belay_limits";

/** A notice holds 8,000 bytes. */
const mostNoted = 20;

/** Tells the other processes at once that budgets are blocked. */
export async function notifyBlocked(db: Db, blocked: readonly BlockedBudget[]): Promise<void> {
  for (let from = 0; from < blocked.length; from += mostNoted)
    await sql`select pg_notify(${limitsChannel}, ${JSON.stringify(blocked.slice(from, from + mostNoted))})`.execute(db);
}

/** What another process has notified; undefined when it cannot be read. */
export function readNotice(payload: string): BlockedBudget[] | undefined {
  try {
    const noted: unknown = JSON.parse(payload);
    return Array.isArray(noted) ? noted.flatMap((each: Partial<BlockedBudget>) => (isBlocked(each) ? [each] : [])) : undefined;
  } catch {
    return undefined; // of another version, most likely: what it said is read from the table
  }
}

function isBlocked(value: Partial<BlockedBudget>): value is BlockedBudget {
  return typeof value.tenant === "string" && typeof value.key === "string" && typeof value.forMs === "number";
}

/** Deletes budgets that nobody has used for so long, at most `limit`. */
export async function deleteUnused(db: Db, days: number, limit: number): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.budget where ctid = any (array(
        select ctid from belay.budget where changed_at < belay.now() - ${days}::float8 * interval '1 day' limit ${limit}::integer
      )) returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}
