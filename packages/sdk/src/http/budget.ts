import type { Limit } from "../connector/types.ts";
import { toMs } from "../duration.ts";

/** A limit of the connector in numbers. */
export interface ParsedLimit {
  /** Requests in any window of `perMs`; `Infinity` when only concurrency is limited. */
  readonly requests: number;
  readonly perMs: number;
  readonly concurrent: number;
}

export type Grant = { readonly granted: true } | { readonly granted: false; readonly afterMs: number };

/**
 * What a connection may still send under its provider's limits. State is per connection, whose key (`tenant/connection`) comes
 * first in each call. Answers may be given at once, to spare the hot path a turn, or later.
 */
export interface Budget {
  /** Takes one request from every limit, or from none. `afterMs` of a refusal: when it is worth asking again. */
  take(connection: string, limits: readonly ParsedLimit[], now: number): Grant | Promise<Grant>;
  /** Gives the place among the concurrent requests back; exactly once for each one granted. The request itself stays spent. */
  giveBack(connection: string): void | Promise<void>;
  /** Lets nobody through before `until` (epoch milliseconds): the provider said so. The later of two blocks holds. */
  block(connection: string, until: number): void | Promise<void>;
}

/** The connector's limits in numbers, once per client. */
export function parseLimits(limits: readonly Limit[] | undefined): readonly ParsedLimit[] {
  return (limits ?? []).map((limit) => ({
    requests: limit.requests ?? Number.POSITIVE_INFINITY,
    perMs: limit.per === undefined ? 1_000 : toMs(limit.per),
    concurrent: limit.concurrent ?? Number.POSITIVE_INFINITY,
  }));
}
