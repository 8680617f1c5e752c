import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { readUses } from "./store.ts";

interface WatchParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly logger: Logger;
  /** 0: it never looks, and takes everything for used. */
  readonly everyMs: number;
}

/** Rows of transactions that ran while it was read come late. */
const overlapSeconds = 30;

/**
 * Knows which resources are looked up at all, so that writes to all others cost nothing. What began within the last few looks may be missing, so nothing is kept of a use before
 * every process has looked several times, see `settleMs`. A process that could not look for so long takes everything for used.
 */
export class UseWatch {
  readonly #parts: WatchParts;
  readonly #used = new Set<string>();
  readonly #stop = new AbortController();
  #newest = 0;
  #lookedAt = -Infinity;
  #loop: Promise<void> | undefined;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** How old a use has to be before something is kept of it. */
  get settleMs(): number {
    return this.#parts.everyMs * 5;
  }

  start(): void {
    if (this.#parts.everyMs > 0) this.#loop ??= this.#lookAgainAndAgain();
  }

  /** `resource`: null for any of the connection. */
  has({ connection, resource }: { readonly connection: string; readonly resource: string | null }): boolean {
    const { clock, everyMs } = this.#parts;
    return clock.now() - this.#lookedAt > everyMs * 3 || this.#used.has(nameOf(connection, resource ?? ""));
  }

  /** Calling it twice is safe. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #lookAgainAndAgain(): Promise<void> {
    const { db, clock, logger, everyMs } = this.#parts;
    while (!this.#stop.signal.aborted) {
      const began = clock.now();
      try {
        for (const { connection, resource, since } of await readUses(db, Math.max(0, this.#newest - overlapSeconds))) {
          this.#used.add(nameOf(connection, resource)).add(nameOf(connection, ""));
          this.#newest = Math.max(this.#newest, since);
        }
        this.#lookedAt = began;
      } catch (error) {
        logger.warn({ error }, "What is looked up could not be read; until it can, every write ends entries.");
      }
      await clock.sleep(everyMs, this.#stop.signal).catch(() => undefined); // stopped: the loop ends
    }
  }
}

function nameOf(connection: string, resource: string): string {
  return `${connection}\n${resource}`;
}
