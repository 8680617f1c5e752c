import { BelayError } from "@belay/sdk";
import type { Clock } from "../telemetry/index.ts";

interface Known<Found> {
  readonly found: Found | undefined;
  readonly atMs: number;
}

interface Waiting<Found> {
  readonly resolve: (found: Found | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export interface LookUpParts<Found> {
  readonly read: (names: readonly string[]) => Promise<ReadonlyMap<string, Found>>;
  readonly clock: Clock;
  /** How long an answer holds, that there is nothing too: so long at most something revoked still works. */
  readonly freshMs: number;
}

/** Names in memory, and names that wait to be looked up: bounds against whoever makes names up. */
const mostKnown = 10_000;
const mostWaiting = 2_000;
const mostOfQuery = 500;

/**
 * Looks names up in the database, with a short memory. While one query runs the names that come in gather for the next one, so that a flood of unknown names costs a query at
 * a time, however many they are; of too many the latest are sent away.
 */
export class LookUpInBatches<Found> {
  readonly #parts: LookUpParts<Found>;
  /** What was learnt longest ago comes first. */
  readonly #known = new Map<string, Known<Found>>();
  readonly #waiting = new Map<string, Waiting<Found>[]>();
  #running = false;

  constructor(parts: LookUpParts<Found>) {
    this.#parts = parts;
  }

  /** What there is of this name; no promise where it is known. @throws `API_UNAVAILABLE` when too many wait, and what the database throws. */
  find(name: string): Found | undefined | Promise<Found | undefined> {
    const known = this.#known.get(name);
    if (known !== undefined && this.#parts.clock.now() - known.atMs < this.#parts.freshMs) return known.found;
    return this.#wait(name);
  }

  /** Forgets a name: the next one who asks gets what there is then. */
  forget(name: string): void {
    this.#known.delete(name);
  }

  async #wait(name: string): Promise<Found | undefined> {
    const others = this.#waiting.get(name);
    if (others === undefined && this.#waiting.size >= mostWaiting)
      throw new BelayError("API_UNAVAILABLE", "Too many keys wait to be looked up; try again.", { retry: "backoff" });
    return await new Promise((resolve, reject) => {
      if (others === undefined) this.#waiting.set(name, [{ resolve, reject }]);
      else others.push({ resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  /** Never rejects: who waits is told. */
  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.size > 0) {
      const batch = [...this.#waiting].slice(0, mostOfQuery);
      for (const [name] of batch) this.#waiting.delete(name);
      try {
        const found = await this.#parts.read(batch.map(([name]) => name));
        const atMs = this.#parts.clock.now();
        for (const [name, waiting] of batch) {
          this.#remember(name, { found: found.get(name), atMs });
          for (const { resolve } of waiting) resolve(found.get(name));
        }
      } catch (error) {
        for (const [, waiting] of batch) for (const { reject } of waiting) reject(error);
      }
    }
    this.#running = false;
  }

  #remember(name: string, known: Known<Found>): void {
    this.#known.delete(name);
    this.#known.set(name, known);
    const oldest = this.#known.size > mostKnown ? this.#known.keys().next().value : undefined;
    if (oldest !== undefined) this.#known.delete(oldest);
  }
}
