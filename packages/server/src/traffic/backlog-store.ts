import { sql } from "kysely";
import type { Db } from "../db/index.ts";

export interface BacklogChange {
  readonly tenant: string;
  /** Messages more, or fewer, that wait. */
  readonly change: number;
  readonly finished: number;
}

/** So fast the mean of what is finished forgets, s. */
const halfLifeSeconds = 30;

/** Adds up. The order in which processes say it does not matter, so what waits may be below zero for a moment. */
export async function addToBacklog(db: Db, rows: readonly BacklogChange[]): Promise<void> {
  await sql`
    insert into belay.backlog as b (tenant, waiting, finishing, changed_at)
    select tenant, change, finished * ln(2) / ${halfLifeSeconds}, (select belay.now())
    from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, change bigint, finished float8)
    -- Sorted, or two processes could deadlock.
    order by tenant collate "C"
    on conflict (tenant) do update set waiting = b.waiting + excluded.waiting, changed_at = excluded.changed_at,
      finishing = excluded.finishing
        + b.finishing * power(0.5::float8, greatest(0, extract(epoch from excluded.changed_at - b.changed_at)::float8) / ${halfLifeSeconds})
  `.execute(db);
}

/** How much waits in all, and of those tenants that have at least `from`. */
export async function lookAtBacklog(
  db: Db,
  from: number,
): Promise<{ readonly total: number; readonly large: ReadonlyMap<string, number> }> {
  const { rows } = await sql<{ total: number; large: Readonly<Record<string, number>> | null }>`
    select coalesce(sum(greatest(waiting, 0)), 0)::float8 as total,
      (select json_object_agg(tenant, waiting) from belay.backlog where waiting >= greatest(1, ${from}::bigint)) as large
    from belay.backlog
  `.execute(db);
  return { total: rows[0]?.total ?? 0, large: new Map(Object.entries(rows[0]?.large ?? {})) };
}

/** Tenants with at least `from` that wait, most first; no more than a hundred. */
export async function readLargest(db: Db, from: number): Promise<string[]> {
  const { rows } = await sql<{
    tenant: string;
  }>`select tenant from belay.backlog where waiting >= ${from} order by waiting desc limit 100`.execute(db);
  return rows.map(({ tenant }) => tenant);
}

export interface BacklogRow {
  readonly tenant: string;
  readonly waiting: number;
  readonly finishedPerSecond: number;
}

/** Tenants with something that waits, most first. */
export async function readBacklogRows(db: Db, tenant: string | undefined, limit: number): Promise<BacklogRow[]> {
  const { rows } = await sql<BacklogRow>`
    select tenant, waiting::float8 as waiting,
      finishing * power(0.5::float8, greatest(0, extract(epoch from (select belay.now()) - changed_at)::float8) / ${halfLifeSeconds}) as "finishedPerSecond"
    from belay.backlog where waiting > 0 ${tenant === undefined ? sql`` : sql`and tenant = ${tenant}`}
    order by waiting desc, tenant limit ${limit}
  `.execute(db);
  return rows;
}

const mostCounted = 500;

/** Tenants that nobody has counted for longest. */
export async function readUncounted(db: Db): Promise<string[]> {
  const { rows } = await sql<{ tenant: string }>`
    select tenant from belay.backlog where waiting <> 0 or changed_at > coalesce(counted_at, '-infinity')
    order by counted_at nulls first limit ${mostCounted}
  `.execute(db);
  return rows.map(({ tenant }) => tenant);
}

/** Puts right what was counted; of who reached `most` only that there is no less. */
export async function putCounts(db: Db, counts: ReadonlyMap<string, number>, most: number): Promise<void> {
  const rows = [...counts].map(([tenant, messages]) => ({ tenant, messages }));
  await sql`
    update belay.backlog b set counted_at = (select belay.now()),
      waiting = case when x.messages < ${most}::float8 then x.messages else greatest(b.waiting, x.messages) end
    from (select * from json_to_recordset(${JSON.stringify(rows)}::json) as x(tenant text, messages float8) order by tenant collate "C") x
    where b.tenant = x.tenant
  `.execute(db);
}
