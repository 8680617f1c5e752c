import type { Admission } from "@belay/sdk/http";
import type { BreakerKey, OpenBreaker } from "./types.ts";

/** Whoever waits comes back so much later than the one before. */
const apartMs = 5;
const longestLineMs = 30_000;
/** A probe is due, or its end is not known yet. */
const soonMs = 1_000;

/** A breaker that is not closed, as one thread knows it. */
export class KnownBreaker implements BreakerKey {
  readonly scope: BreakerKey["scope"];
  readonly key: string;
  readonly provider: string;
  /** Somebody of this thread asks to probe. */
  asking = false;
  #probeAt: number;
  /** Those who were refused stand in line: at the time of the next probe not all come back at once, when but one of them can be let in. */
  readonly #line = new Map<string, number>();

  constructor({ scope, key, provider, probeInMs }: OpenBreaker, now: number) {
    this.scope = scope;
    this.key = key;
    this.provider = provider;
    this.#probeAt = now + probeInMs;
  }

  /** The next probe may go in so many milliseconds. */
  hear(probeInMs: number, now: number): void {
    this.#probeAt = now + probeInMs;
  }

  /** How long a call is to wait, ms; 0: a probe is due. */
  waitMs(connection: string, now: number): number {
    const untilProbe = this.#probeAt - now;
    return untilProbe <= 0 ? 0 : untilProbe + this.#placeOf(connection) * apartMs;
  }

  refuse(connection: string, now: number): Admission {
    const afterMs = Math.max(this.#probeAt - now, soonMs) + Math.min(longestLineMs, this.#placeOf(connection) * apartMs);
    return { admitted: false, afterMs };
  }

  /** Its probe failed, and that may be its own fault: others come first the next time. */
  toEndOfLine(connection: string): void {
    this.#line.set(connection, this.#line.size);
  }

  #placeOf(connection: string): number {
    const known = this.#line.get(connection);
    if (known !== undefined) return known;
    const place = this.#line.size;
    this.#line.set(connection, place);
    return place;
  }
}
