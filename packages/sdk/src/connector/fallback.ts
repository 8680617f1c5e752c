import type { Duration } from "../duration.ts";

/**
 * What a read is answered with when the provider is unavailable: the value that this call got last, if that is no older than `maxAge` (at most 7 days). Then the call's result
 * says which it is, see `Known`. Older ones are never given: the call throws `FALLBACK_TOO_OLD`, or `FALLBACK_NOTHING_KNOWN` where there is none.
 */
export interface LastKnownFallback {
  readonly lastKnown: { readonly maxAge: Duration };
}

/** The call throws `FALLBACK_UNAVAILABLE`, whatever has failed at the provider, so that the flow can go another way. The cause says what it was. */
export interface ErrorFallback {
  readonly error: true;
}

/** The message waits in its mailbox, and as long as nothing has left for the provider it uses up no attempt. */
export interface QueueFallback {
  readonly queue: true;
}

/** What to do when the provider is unavailable: its breaker is open, its budget used up, it does not answer in time or with 5xx. Default: the call throws what has failed. */
export interface WithFallback<Fallback> {
  readonly fallback: Fallback;
}

/** A value, and whether it is the provider's answer or the last one known. `ageMs`: so long ago it was surely true. */
export type Known<Value> =
  | { readonly value: Value; readonly stale: false }
  | { readonly value: Value; readonly stale: true; readonly ageMs: number };

/**
 * What a read may be answered with instead of asking the provider: what it, or somebody else at the same connection, was answered at most so long ago (at most a day), or what a sync
 * keeps that has looked since then. Older ones are never given. Together with a fallback to the last known value, what is older than this is given only while the provider is
 * unavailable, and marked.
 */
export interface WithMaxAge {
  readonly maxAge: Duration;
}
