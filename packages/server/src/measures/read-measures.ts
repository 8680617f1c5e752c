import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Quantiles } from "./distribution.ts";
import { type MergedRows, mergeRows, toId } from "./merge-rows.ts";
import { hourMs, minuteMs } from "./roll-up.ts";
import { findLastHour, type MeasureFilter, type MeasureRow, readMeasureRows } from "./store.ts";
import type { Counts, MeasureKind, SeriesKey } from "./types.ts";

export interface MeasureQuery {
  readonly tenant?: string;
  readonly kind?: MeasureKind;
  readonly connection?: string;
  readonly flow?: string;
  readonly endpoint?: string;
  /** Epoch ms. Default: an hour ago. */
  readonly from?: number;
  /** Epoch ms. Default: now. */
  readonly to?: number;
  /** How long a point is. Without it there are no points, only totals. */
  readonly step?: "1m" | "1h";
}

/** What one series came to in a span of time. */
export interface MeasuredTotals {
  readonly counts: Counts;
  /** The share that ended well of what has ended, 0 to 1; of look-ups the share that needed no call. `null` when nothing has, and of queues. */
  readonly successRate: number | null;
  /** How long it took, ms: of `ingest` to answer, of `run` one run, of `call` one attempt. */
  readonly latency: Quantiles | null;
  /** From receipt to delivery, ms; of `run` only. */
  readonly lag: Quantiles | null;
}

export interface MeasuredSeries extends SeriesKey, MeasuredTotals {
  readonly points: readonly (MeasuredTotals & { /** Epoch ms. */ readonly at: number })[];
}

export interface Measured {
  readonly from: number;
  readonly to: number;
  /** What the rows were that were read: minutes, or hours when the span begins before the minutes that are kept. */
  readonly resolution: "minute" | "hour";
  readonly series: readonly MeasuredSeries[];
}

/** Counts of what has ended, by how. A duplicate is taken in well: its first delivery was. */
const endings: Readonly<Record<MeasureKind, { readonly good: readonly string[]; readonly bad: readonly string[] }>> = {
  ingest: { good: ["accepted", "duplicate", "ignored"], bad: ["quarantined", "rejected"] },
  run: { good: ["delivered", "superseded"], bad: ["dead"] },
  call: { good: ["ok"], bad: ["failed"] },
  queue: { good: [], bad: [] },
  lookup: { good: ["hit"], bad: ["miss"] },
};

/** To merge more would take seconds. */
const mostRows = 50_000;

/**
 * Reads what was counted. What a process counted since it last wrote is missing, see `MeasuresOptions.flushMs`.
 *
 * @throws `MEASURES_TOO_MANY` when the answer would be too large.
 */
export async function readMeasures(db: Db, clock: Clock, minuteDays: number, query: MeasureQuery): Promise<Measured> {
  const { step, from: asked = clock.now() - hourMs, to = clock.now(), ...which } = query;
  const oldestMinute = clock.now() - minuteDays * 24 * hourMs;
  const resolution = step === "1h" || (step === undefined && asked < oldestMinute) ? "hour" : "minute";
  const from = asked - (asked % (resolution === "hour" ? hourMs : minuteMs));
  const rows = resolution === "minute" ? await readRows(db, "minute", { ...which, from, to }) : await readHours(db, { ...which, from, to });
  const bySeries = step === undefined ? undefined : Map.groupBy(rows, toId);
  const series = [...mergeRows(rows)].map(([id, merged]) => ({
    ...merged.key,
    ...toTotals(merged),
    points: toPoints(bySeries?.get(id) ?? []),
  }));
  return { from, to, resolution, series };
}

/** Hours as far as they are merged, and after that the minutes as hours. */
async function readHours(db: Db, filter: MeasureFilter): Promise<MeasureRow[]> {
  const last = await findLastHour(db);
  const merged = last === undefined ? [] : await readRows(db, "hour", filter);
  const begin = last === undefined ? filter.from : Math.max(filter.from, last + hourMs);
  const minutes = begin >= filter.to ? [] : await readRows(db, "minute", { ...filter, from: begin });
  const byHour = Map.groupBy(minutes, ({ at }) => at - (at % hourMs));
  return [...merged, ...[...byHour].flatMap(([at, rows]) => [...mergeRows(rows).values()].map((one) => one.toRow(at)))];
}

async function readRows(db: Db, step: "minute" | "hour", filter: MeasureFilter): Promise<MeasureRow[]> {
  const rows = await readMeasureRows(db, step, filter, mostRows + 1);
  if (rows.length <= mostRows) return rows;
  throw new BelayError("MEASURES_TOO_MANY", `More than ${mostRows} rows match: name a tenant, a connection or a kind, or a shorter span.`);
}

function toPoints(rows: readonly MeasureRow[]): MeasuredSeries["points"] {
  return [...Map.groupBy(rows, ({ at }) => at)].flatMap(([at, same]) =>
    [...mergeRows(same).values()].map((merged) => ({ at, ...toTotals(merged) })),
  );
}

function toTotals({ key, counts, latency, lag }: MergedRows): MeasuredTotals {
  return {
    counts: Object.fromEntries(counts),
    successRate: successRate(key.kind, counts),
    latency: latency.quantiles(),
    lag: lag.quantiles(),
  };
}

function successRate(kind: MeasureKind, counts: ReadonlyMap<string, number>): number | null {
  const count = (...names: readonly string[]): number => names.reduce((sum, name) => sum + (counts.get(name) ?? 0), 0);
  const ends = endings[kind];
  const good = count(...ends.good);
  const all = good + count(...ends.bad);
  return all === 0 ? null : good / all;
}
