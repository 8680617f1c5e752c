import type { Db } from "../db/index.ts";
import { lookAtQueues, type QueueFigures } from "../mailbox/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { putMeasures } from "./store.ts";

export interface QueueWatchParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly process: string;
}

const lookEveryMs = 60_000;

/** Looks once a minute at what waits and writes it down; of several processes one does at a time. */
export class QueueWatch {
  readonly #parts: QueueWatchParts;
  readonly #stop = new AbortController();
  #watching: Promise<void> | undefined;

  constructor(parts: QueueWatchParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#watching = this.#watch();
  }

  /** Looks now. Empty when nothing waits, when another process looks, and when the database takes too long. */
  async look(): Promise<readonly QueueFigures[]> {
    const { db, clock, logger, process } = this.#parts;
    try {
      const found = (await lookAtQueues(db)) ?? [];
      const now = clock.now();
      const at = now - (now % lookEveryMs);
      const rows = found.map(({ tenant, connection, depth, oldestMs }) => {
        const counts = { depth, "oldest-ms": Math.round(oldestMs) };
        return { kind: "queue" as const, tenant, connection, flow: "", endpoint: "", at, counts, latency: null, lag: null };
      });
      if (rows.length > 0) await putMeasures(db, "minute", process, rows);
      return found;
    } catch (error) {
      logger.warn({ error }, "What waits could not be counted; it is tried again in a minute.");
      return [];
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
  }

  async #watch(): Promise<void> {
    for (;;) {
      await this.#parts.clock.sleep(lookEveryMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      await this.look();
    }
  }
}
