import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { Lane } from "../mailbox/index.ts";

export const pauseScopes = ["tenant", "connection", "flow", "connector"] as const;

export type PauseScope = (typeof pauseScopes)[number];

export interface PauseKey {
  /** Empty: of all tenants. A connection's is its own. */
  readonly tenant: string;
  readonly scope: PauseScope;
  readonly id: string;
}

export interface Pause extends PauseKey {
  readonly why: string;
  /** The actor, as it stands in the audit log. */
  readonly pausedBy: string;
  /** ISO 8601, UTC. */
  readonly pausedAt: string;
}

export async function readPauses(db: Db): Promise<Pause[]> {
  const { rows } = await sql<Pause>`
    select tenant, scope, id, why, paused_by as "pausedBy", to_char(paused_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "pausedAt"
    from belay.pause order by paused_at, tenant, scope, id
  `.execute(db);
  return rows;
}

/** @returns whether it was not paused before; who paused it first stays. */
export async function insertPause(db: Db, { tenant, scope, id }: PauseKey, why: string, actor: string): Promise<boolean> {
  const { rows } = await sql`
    insert into belay.pause (tenant, scope, id, why, paused_by) values (${tenant}, ${scope}, ${id}, ${why}, ${actor})
    on conflict do nothing returning 1
  `.execute(db);
  return rows.length > 0;
}

/** @returns whether it was paused. */
export async function deletePause(db: Db, { tenant, scope, id }: PauseKey): Promise<boolean> {
  const { rows } = await sql`
    delete from belay.pause where tenant = ${tenant} and scope = ${scope} and id = ${id} returning 1
  `.execute(db);
  return rows.length > 0;
}

export interface WeightRow {
  /** Empty for a lane's. */
  readonly tenant: string;
  /** Empty for a tenant's. */
  readonly lane: Lane | "";
  readonly weight: number;
}

export async function readWeights(db: Db): Promise<WeightRow[]> {
  const { rows } = await sql<WeightRow>`select tenant, lane, weight::float8 as weight from belay.weight order by tenant, lane`.execute(db);
  return rows;
}

export async function putWeight(db: Db, { tenant, lane, weight }: WeightRow, actor: string): Promise<void> {
  await sql`
    insert into belay.weight (tenant, lane, weight, set_by) values (${tenant}, ${lane}, ${weight}::float8, ${actor})
    on conflict (tenant, lane) do update set weight = excluded.weight, set_by = excluded.set_by, set_at = belay.now()
  `.execute(db);
}

export async function deleteWeight(db: Db, { tenant, lane }: Omit<WeightRow, "weight">): Promise<void> {
  await sql`delete from belay.weight where tenant = ${tenant} and lane = ${lane}`.execute(db);
}

export const trafficChannel = "belay_traffic";

/** Tells all processes that there is something to read; delivered when the transaction commits. */
export async function notifyFollowers(db: Db): Promise<void> {
  await sql`select pg_notify(${trafficChannel}, '')`.execute(db);
}
