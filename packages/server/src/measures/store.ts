import { sql } from "kysely";
import type { Db } from "../db/index.ts";
import type { StoredDistribution } from "./distribution.ts";
import type { Counts, MeasureKind, SeriesKey } from "./types.ts";

/** One series in one minute or hour. */
export interface MeasureRow extends SeriesKey {
  /** The beginning, epoch ms. */
  readonly at: number;
  readonly counts: Counts;
  readonly latency: StoredDistribution | null;
  readonly lag: StoredDistribution | null;
}

export type Step = "minute" | "hour";

/** Which rows; `from` is included, `to` is not. Epoch ms. */
export interface MeasureFilter {
  readonly tenant?: string;
  readonly kind?: MeasureKind;
  readonly connection?: string;
  readonly flow?: string;
  readonly endpoint?: string;
  readonly from: number;
  readonly to: number;
}

/** Writes rows of a process in place of those that it wrote before. Writing them twice changes nothing. An hour's have no process: `""`. */
export async function putMeasures(db: Db, step: Step, process: string, rows: readonly MeasureRow[]): Promise<void> {
  await sql`
    insert into belay.measure (tenant, step, at, kind, connection, flow, endpoint, process, counts, latency, lag)
    select tenant, ${step}, to_timestamp(at / 1000), kind, connection, flow, endpoint, ${process}, counts, latency, lag
    from json_to_recordset(${JSON.stringify(rows)}::json)
      as x(tenant text, at float8, kind text, connection text, flow text, endpoint text, counts jsonb, latency jsonb, lag jsonb)
    order by tenant collate "C", at, kind, connection collate "C", flow collate "C", endpoint collate "C"
    on conflict (tenant, step, at, kind, connection, flow, endpoint, process)
      do update set counts = excluded.counts, latency = excluded.latency, lag = excluded.lag
  `.execute(db);
}

/** Rows of all processes, the earliest first. */
export async function readMeasureRows(db: Db, step: Step, filter: MeasureFilter, limit: number): Promise<MeasureRow[]> {
  const { tenant = null, kind = null, connection = null, flow = null, endpoint = null, from, to } = filter;
  const { rows } = await sql<MeasureRow>`
    select tenant, (extract(epoch from at) * 1000)::float8 as at, kind, connection, flow, endpoint, counts, latency, lag
    from belay.measure
    where step = ${step} and at >= to_timestamp(${from}::float8 / 1000) and at < to_timestamp(${to}::float8 / 1000)
      and (${tenant}::text is null or tenant = ${tenant}) and (${kind}::text is null or kind = ${kind})
      and (${connection}::text is null or connection = ${connection}) and (${flow}::text is null or flow = ${flow})
      and (${endpoint}::text is null or endpoint = ${endpoint})
    order by at limit ${limit}
  `.execute(db);
  return rows;
}

/** The newest hour that has been merged, epoch ms. */
export async function findLastHour(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{ at: number | null }>`
    select (extract(epoch from max(at)) * 1000)::float8 as at from belay.measure where step = 'hour'
  `.execute(db);
  return rows[0]?.at ?? undefined;
}

/** The oldest minute that is kept, epoch ms. */
export async function findFirstMinute(db: Db): Promise<number | undefined> {
  const { rows } = await sql<{ at: number | null }>`
    select (extract(epoch from min(at)) * 1000)::float8 as at from belay.measure where step = 'minute'
  `.execute(db);
  return rows[0]?.at ?? undefined;
}

/** Deletes rows older than so many days. @returns how many were deleted, at most `limit`. */
export async function deleteExpiredMeasures(db: Db, step: Step, days: number, limit: number): Promise<number> {
  const { rows } = await sql<{ deleted: number }>`
    with gone as (
      delete from belay.measure where ctid = any (array(
        select ctid from belay.measure
        where step = ${step} and at < (select belay.now()) - ${days}::float8 * interval '1 day' limit ${limit}
      ))
      returning 1
    )
    select count(*)::integer as deleted from gone
  `.execute(db);
  return rows[0]?.deleted ?? 0;
}
