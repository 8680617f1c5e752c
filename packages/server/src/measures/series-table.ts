import type { Logger } from "../telemetry/index.ts";
import { Series } from "./series.ts";
import type { Tally } from "./tally.ts";
import type { MeasureKind, SeriesKey } from "./types.ts";

/** A minute of a series that has ended. */
export interface EndedMinute {
  readonly at: number;
  readonly key: SeriesKey;
  readonly tally: Tally;
}

const minuteMs = 60_000;
/** A series that has counted nothing for so long makes room for others. */
const idleMs = 60 * minuteMs;
/** The name of what there was no room for: no id can be it. */
export const other = "(other)";

/**
 * The series of this process, at most so many of each kind: tenants, flows and codes come from outside, and their number must not decide how much memory they take.
 * What there is no room for, and what was dropped because it had gone quiet, is counted under `(other)`, so that sums stay right.
 */
export class SeriesTable {
  readonly #series = new Map<string, Series>();
  readonly #sizes = new Map<MeasureKind, number>();
  readonly #maxSeries: number;
  readonly #logger: Logger;
  readonly #full = new Set<MeasureKind>();
  #ended: EndedMinute[] = [];
  #minute = 0;

  constructor(maxSeries: number, logger: Logger) {
    this.#maxSeries = maxSeries;
    this.#logger = logger;
  }

  /** The series to count in at this time; the first of a new minute ends the one before. */
  at(nowMs: number, kind: MeasureKind, tenant: string, connection: string, flow: string, endpoint: string): Series {
    this.turn(nowMs);
    const series = this.#find(kind, tenant, connection, flow, endpoint);
    series.countedAt = this.#minute;
    return series;
  }

  /** Ends the minute if it is over. A clock that was set back goes on in the minute that it was in. */
  turn(nowMs: number): void {
    if (nowMs < this.#minute + minuteMs) return;
    for (const series of this.#series.values()) {
      const { minute } = series;
      if (minute.counts.size > 0 || minute.latency !== undefined || minute.lag !== undefined)
        this.#ended.push({ at: this.#minute, key: series.key, tally: series.endMinute() });
    }
    this.#minute = nowMs - (nowMs % minuteMs);
    this.#dropIdle();
  }

  get all(): IterableIterator<Series> {
    return this.#series.values();
  }

  /** The minute that runs, epoch ms. */
  get minute(): number {
    return this.#minute;
  }

  /** Minutes that ended since the last call. */
  takeEnded(): EndedMinute[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** How many series of a kind are kept apart. */
  size(kind: MeasureKind): number {
    return this.#sizes.get(kind) ?? 0;
  }

  #find(kind: MeasureKind, tenant: string, connection: string, flow: string, endpoint: string): Series {
    const id = `${kind}\n${tenant}\n${connection}\n${flow}\n${endpoint}`;
    const known = this.#series.get(id);
    if (known !== undefined) return known;
    if (this.size(kind) >= this.#maxSeries && tenant !== other) {
      this.#sayFull(kind);
      return this.#other(kind);
    }
    const series = new Series({ kind, tenant, connection, flow, endpoint });
    this.#series.set(id, series);
    if (tenant !== other) this.#sizes.set(kind, this.size(kind) + 1);
    return series;
  }

  #other(kind: MeasureKind): Series {
    return this.#find(kind, other, other, kind === "run" || kind === "call" ? other : "", kind === "run" || kind === "queue" ? "" : other);
  }

  #sayFull(kind: MeasureKind): void {
    if (this.#full.has(kind)) return;
    this.#full.add(kind);
    this.#logger.warn({ kind, maxSeries: this.#maxSeries }, "There are more series than are kept apart; the rest is counted as (other).");
  }

  #dropIdle(): void {
    for (const [id, series] of this.#series) {
      const { kind, tenant } = series.key;
      if (tenant === other || this.#minute - series.countedAt <= idleMs) continue;
      this.#series.delete(id);
      this.#sizes.set(kind, this.size(kind) - 1);
      this.#other(kind).absorb(series);
    }
  }
}
