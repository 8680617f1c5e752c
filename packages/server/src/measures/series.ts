import { Buckets } from "./buckets.ts";
import { addCount, Tally } from "./tally.ts";
import type { SeriesKey } from "./types.ts";

/** One series of this process: what it counted in the minute that runs, and since the process started. */
export class Series {
  readonly key: SeriesKey;
  minute = new Tally();
  /** Something was counted since it was last written. */
  unwritten = false;
  /** The minute in which it last counted something, epoch ms. */
  countedAt = 0;
  /** Counts of minutes that have ended. */
  readonly #ended = new Map<string, number>();
  readonly latency = new Buckets();
  readonly lag = new Buckets();

  constructor(key: SeriesKey) {
    this.key = key;
  }

  add(name: string, by = 1): void {
    this.minute.add(name, by);
    this.unwritten = true;
  }

  took(ms: number, times = 1): void {
    this.minute.took(ms, times);
    this.latency.add(Math.max(0, ms), times);
    this.unwritten = true;
  }

  arrivedAfter(ms: number): void {
    this.minute.arrivedAfter(ms);
    this.lag.add(Math.max(0, ms), 1);
    this.unwritten = true;
  }

  /** Counts since the process started. */
  totals(): Map<string, number> {
    const totals = new Map(this.#ended);
    for (const [name, count] of this.minute.counts) addCount(totals, name, count);
    return totals;
  }

  /** Begins a new minute; returns what the one before came to. */
  endMinute(): Tally {
    const ended = this.minute;
    for (const [name, count] of ended.counts) addCount(this.#ended, name, count);
    this.minute = new Tally();
    this.unwritten = false;
    return ended;
  }

  /** Takes over what another counted in minutes that have ended. */
  absorb(other: Series): void {
    for (const [name, count] of other.totals()) addCount(this.#ended, name, count);
    this.latency.merge(other.latency);
    this.lag.merge(other.lag);
  }
}
