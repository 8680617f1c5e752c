import type { Retry } from "@belay/sdk";

/** When a message that failed is tried again, and when it is given up. */
export interface RetryPolicy {
  /** Attempts in all before the message becomes a dead letter. */
  readonly maxAttempts: number;
  /** Age since receipt after which a failing message becomes a dead letter, ms. */
  readonly maxAgeMs: number;
  /** Longest pause after the first failed attempt, ms; it doubles with each attempt. */
  readonly baseMs: number;
  /** Longest pause of all, ms. */
  readonly capMs: number;
}

/** About 38 attempts over three days. */
export const defaultRetryPolicy: RetryPolicy = { maxAttempts: 40, maxAgeMs: 3 * 86_400_000, baseMs: 1_000, capMs: 6 * 3_600_000 };

export type RetryDecision = { readonly kind: "retry"; readonly afterMs: number } | { readonly kind: "dead" };

/**
 * Decides on a failed attempt. Pauses have full jitter, so that what failed together does not come back together;
 * a time the far end asked for is kept, with up to a tenth added for the same reason.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function decideRetry(
  policy: RetryPolicy,
  failure: { readonly retry: Retry; readonly failedAttempts: number; readonly ageMs: number },
  random: () => number,
): RetryDecision {
  if (failure.retry === "never" || failure.failedAttempts >= policy.maxAttempts || failure.ageMs >= policy.maxAgeMs)
    return { kind: "dead" };
  if (failure.retry !== "backoff") return { kind: "retry", afterMs: Math.round(failure.retry.afterMs * (1 + random() / 10)) };
  const ceiling = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(failure.failedAttempts - 1, 30));
  return { kind: "retry", afterMs: Math.round(random() * ceiling) };
}
