import { describe, expect, test } from "vitest";
import { decideRetry, defaultRetryPolicy as policy } from "./retry-policy.ts";

const failure = { retry: "backoff", failedAttempts: 1, ageMs: 0 } as const;

describe("a failed attempt", () => {
  test("that can never succeed ends the message", () => {
    expect(decideRetry(policy, { ...failure, retry: "never" }, () => 0.5)).toEqual({ kind: "dead" });
  });

  test("is the last one after so many, or so long", () => {
    expect(decideRetry(policy, { ...failure, failedAttempts: policy.maxAttempts - 1 }, () => 0.5)).toMatchObject({ kind: "retry" });
    expect(decideRetry(policy, { ...failure, failedAttempts: policy.maxAttempts }, () => 0.5)).toEqual({ kind: "dead" });
    expect(decideRetry(policy, { ...failure, ageMs: policy.maxAgeMs - 1 }, () => 0.5)).toMatchObject({ kind: "retry" });
    expect(decideRetry(policy, { ...failure, ageMs: policy.maxAgeMs }, () => 0.5)).toEqual({ kind: "dead" });
    expect(decideRetry(policy, { ...failure, retry: { afterMs: 1 }, ageMs: policy.maxAgeMs }, () => 0.5)).toEqual({ kind: "dead" });
  });

  test("is followed by a pause between nothing and a ceiling that doubles up to the longest", () => {
    const pause = (failedAttempts: number, chance: number): unknown => decideRetry(policy, { ...failure, failedAttempts }, () => chance);
    expect([1, 2, 3, 10, 39].map((attempts) => pause(attempts, 1))).toEqual(
      [1_000, 2_000, 4_000, 512_000, policy.capMs].map((afterMs) => ({ kind: "retry", afterMs })),
    );
    expect(pause(5, 0)).toEqual({ kind: "retry", afterMs: 0 });
    expect(decideRetry({ ...policy, maxAttempts: 5_000 }, { ...failure, failedAttempts: 4_000 }, () => 1)).toEqual({
      kind: "retry",
      afterMs: policy.capMs,
    });
  });

  test("waits as long as the far end asked for, and up to a tenth more", () => {
    expect([0, 1].map((chance) => decideRetry(policy, { ...failure, retry: { afterMs: 10_000 } }, () => chance))).toEqual(
      [10_000, 11_000].map((afterMs) => ({ kind: "retry", afterMs })),
    );
  });
});
