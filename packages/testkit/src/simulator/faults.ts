import type { FailureKind } from "./answer.ts";
import type { Random } from "./random.ts";

/** How often a provider misbehaves: each rate is a share of its requests between 0 and 1; together at most 1. Default: 0 each. */
export interface FaultRates {
  /** 429 with `Retry-After`, nothing committed. */
  readonly tooManyRequests?: number;
  /** 500, nothing committed. */
  readonly serverError?: number;
  /** 503, nothing committed. */
  readonly unavailable?: number;
  /** Commits, then never answers: the client cannot know. */
  readonly timeoutAfterCommit?: number;
  /** Drops the connection, nothing committed. */
  readonly resetBeforeCommit?: number;
  /**
   * Commits and answers late. It commits even where the client has given up, so pauses beyond the client's timeout let an old
   * write land after a newer one, as at a real provider.
   */
  readonly slow?: number;
  /** Shortest and longest pause of a slow answer in milliseconds. Default 20 to 200. */
  readonly slowMs?: readonly [number, number];
  /** Milliseconds after which a connection that never gets its answer is dropped. Default 30,000. */
  readonly hangMs?: number;
  /** The `Retry-After` of an injected 429 in seconds. Default 1. */
  readonly retryAfterSeconds?: number;
}

/** What befalls one request. */
export type Fault =
  | { readonly kind: "none" }
  | { readonly kind: "answer"; readonly failure: FailureKind; readonly retryAfterSeconds?: number }
  | { readonly kind: "timeout-after-commit"; readonly hangMs: number }
  | { readonly kind: "reset-before-commit" }
  | { readonly kind: "slow"; readonly forMs: number };

/** Draws what befalls the next request: always two numbers, so that changed rates do not shift the draws of later requests. */
export function drawFault(random: Random, rates: FaultRates): Fault {
  const draw = random();
  const magnitude = random();
  const [shortestMs, longestMs] = rates.slowMs ?? [20, 200];
  const faults: readonly (readonly [number | undefined, Fault])[] = [
    [rates.tooManyRequests, { kind: "answer", failure: "limited", retryAfterSeconds: rates.retryAfterSeconds ?? 1 }],
    [rates.serverError, { kind: "answer", failure: "server-error" }],
    [rates.unavailable, { kind: "answer", failure: "unavailable" }],
    [rates.timeoutAfterCommit, { kind: "timeout-after-commit", hangMs: rates.hangMs ?? 30_000 }],
    [rates.resetBeforeCommit, { kind: "reset-before-commit" }],
    [rates.slow, { kind: "slow", forMs: Math.round(shortestMs + magnitude * (longestMs - shortestMs)) }],
  ];
  let reached = 0;
  for (const [rate, fault] of faults) {
    reached += rate ?? 0;
    if (draw < reached) return fault;
  }
  return { kind: "none" };
}
