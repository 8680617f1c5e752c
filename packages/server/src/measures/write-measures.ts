import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import type { Series } from "./series.ts";
import type { SeriesTable } from "./series-table.ts";
import { type MeasureRow, putMeasures } from "./store.ts";
import type { Tally } from "./tally.ts";
import type { SeriesKey } from "./types.ts";

export interface WriterParts {
  readonly db: Db;
  readonly table: SeriesTable;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Names this process among those that share the database. */
  readonly process: string;
  readonly flushMs: number;
}

const rowsAtOnce = 1_000;
/** What may wait while the database is away. Above that the oldest minutes are given up: to count must not fill the memory. */
const mostWaiting = 50_000;

/** Writes what this process has counted to the database, again and again. */
export class MeasureWriter {
  readonly #parts: WriterParts;
  readonly #stop = new AbortController();
  /** Minutes that have ended and are not on disk. */
  #waiting: MeasureRow[] = [];
  #writing: Promise<void> | undefined;
  #loop: Promise<void> | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#loop = this.#writeAgainAndAgain();
  }

  /** Writes what was counted until now. Never rejects: what could not be written goes with the next. */
  async write(): Promise<void> {
    // One after the other: of two at once the older could come last and stay.
    while (this.#writing !== undefined) await this.#writing;
    this.#writing = this.#writeOnce().finally(() => (this.#writing = undefined));
    await this.#writing;
  }

  /** Writes for the last time. Calling it twice is safe. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.write();
  }

  async #writeAgainAndAgain(): Promise<void> {
    for (;;) {
      await this.#parts.clock.sleep(this.#parts.flushMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      await this.write();
    }
  }

  async #writeOnce(): Promise<void> {
    const { db, table, clock, logger, process } = this.#parts;
    table.turn(clock.now());
    this.#waiting.push(...table.takeEnded().map(({ at, key, tally }) => toRow(at, key, tally)));
    const { minute } = table;
    const running = [...table.all].filter(({ unwritten }) => unwritten);
    try {
      while (this.#waiting.length > 0) {
        const some = this.#waiting.slice(0, rowsAtOnce);
        await putMeasures(db, "minute", process, some);
        this.#waiting = this.#waiting.slice(some.length);
      }
      await this.#writeRunning(minute, running);
    } catch (error) {
      this.#giveUpOldest();
      logger.warn({ error, waiting: this.#waiting.length }, "Measures could not be written; they go with the next.");
    }
  }

  async #writeRunning(minute: number, running: readonly Series[]): Promise<void> {
    for (let begin = 0; begin < running.length; begin += rowsAtOnce) {
      // The minute may have ended meanwhile; then it waits among those that have.
      if (this.#parts.table.minute !== minute) return;
      const some = running.slice(begin, begin + rowsAtOnce);
      const rows = some.map(({ key, minute: tally }) => toRow(minute, key, tally));
      for (const series of some) series.unwritten = false;
      try {
        await putMeasures(this.#parts.db, "minute", this.#parts.process, rows);
      } catch (error) {
        for (const series of some) series.unwritten = true;
        throw error;
      }
    }
  }

  #giveUpOldest(): void {
    const surplus = this.#waiting.length - mostWaiting;
    if (surplus <= 0) return;
    this.#waiting = this.#waiting.slice(surplus);
    this.#parts.logger.error({ rows: surplus }, "Measures of minutes past were given up: the database has been away for too long.");
  }
}

function toRow(at: number, key: SeriesKey, { counts, latency, lag }: Tally): MeasureRow {
  return { ...key, at, counts: Object.fromEntries(counts), latency: latency?.store() ?? null, lag: lag?.store() ?? null };
}
