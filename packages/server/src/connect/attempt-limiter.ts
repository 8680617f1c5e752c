import type { Clock } from "../telemetry/index.ts";

const windowMs = 60_000;
const mostAddresses = 10_000;

/**
 * How often one address may ask within a minute, in this process. A link has 256 random bits, so nobody finds one by trying; this keeps those who try from costing
 * the database anything.
 */
export class AttemptLimiter {
  readonly #clock: Clock;
  readonly #most: number;
  #counts = new Map<string, number>();
  #windowEndsAt = 0;

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  /** Counts a request. @returns whether it may go on. */
  admit(address: string): boolean {
    const now = this.#clock.now();
    if (now >= this.#windowEndsAt || this.#counts.size >= mostAddresses) {
      this.#counts = new Map();
      this.#windowEndsAt = now + windowMs;
    }
    const count = (this.#counts.get(address) ?? 0) + 1;
    this.#counts.set(address, count);
    return count <= this.#most;
  }
}
