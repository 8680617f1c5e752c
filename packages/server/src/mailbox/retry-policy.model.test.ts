import type { Retry } from "@belay/sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decideRetry, type RetryDecision, type RetryPolicy } from "./retry-policy.ts";

/*
 * One message on its way through failures. What holds, whatever fails in whatever order:
 *
 * 1. It never has more attempts than the policy allows, nor one that is begun after its age allows.
 * 2. It is given up only for a reason: never, too many, too old.
 * 3. A pause never exceeds twice the one before it was allowed to be, and never the cap.
 * 4. The far end never sees it before the time that it asked for, nor more than a tenth later.
 * 5. Given up is given up: nothing follows.
 */

/** What the model knows of the message, by counting along. */
interface Model {
  attempts: number;
  ageMs: number;
  over: boolean;
}

/** The message as the product sees it. */
class Journey {
  readonly policy: RetryPolicy;
  attempts = 0;
  ageMs = 0;

  constructor(policy: RetryPolicy) {
    this.policy = policy;
  }

  fail(retry: Retry, luck: number): RetryDecision {
    this.attempts += 1;
    return decideRetry(this.policy, { retry, failedAttempts: this.attempts, ageMs: this.ageMs }, () => luck);
  }
}

class Fail implements fc.Command<Model, Journey> {
  readonly retry: Retry;
  readonly luck: number;

  constructor(retry: Retry, luck: number) {
    this.retry = retry;
    this.luck = luck;
  }

  check(model: Model): boolean {
    return !model.over;
  }

  run(model: Model, journey: Journey): void {
    const { policy } = journey;
    model.attempts += 1;
    expect(model.attempts, "1. more attempts than allowed").toBeLessThanOrEqual(policy.maxAttempts);
    const decision = journey.fail(this.retry, this.luck);
    const reason = this.retry === "never" || model.attempts >= policy.maxAttempts || model.ageMs >= policy.maxAgeMs;
    expect(decision.kind, "2. given up without a reason, or kept against one").toBe(reason ? "dead" : "retry");
    if (decision.kind === "dead") {
      model.over = true;
      return;
    }
    const { afterMs } = decision;
    if (typeof this.retry === "object") {
      expect(afterMs, "4. earlier than asked for").toBeGreaterThanOrEqual(Math.floor(this.retry.afterMs));
      expect(afterMs, "4. much later than asked for").toBeLessThanOrEqual(Math.ceil(this.retry.afterMs * 1.1));
    } else {
      let ceiling = policy.baseMs;
      for (let attempt = 1; attempt < model.attempts && ceiling < policy.capMs; attempt += 1) ceiling *= 2;
      expect(afterMs, "3. a pause above its ceiling").toBeLessThanOrEqual(Math.min(ceiling, policy.capMs));
      expect(afterMs).toBeGreaterThanOrEqual(0);
    }
    model.ageMs += afterMs;
    journey.ageMs += afterMs;
  }

  toString(): string {
    return `fails (${JSON.stringify(this.retry)}, luck ${this.luck})`;
  }
}

class Wait implements fc.Command<Model, Journey> {
  readonly ms: number;

  constructor(ms: number) {
    this.ms = ms;
  }

  check(model: Model): boolean {
    return !model.over;
  }

  run(model: Model, journey: Journey): void {
    model.ageMs += this.ms;
    journey.ageMs += this.ms;
  }

  toString(): string {
    return `waits ${this.ms} ms`;
  }
}

const retry = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Retry>("backoff") },
  { weight: 3, arbitrary: fc.nat(7_200_000).map((afterMs): Retry => ({ afterMs })) },
  { weight: 1, arbitrary: fc.constant<Retry>("never") },
);
const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

const policy = fc.record({
  maxAttempts: fc.integer({ min: 1, max: 40 }),
  maxAgeMs: fc.integer({ min: 1_000, max: 3 * 86_400_000 }),
  baseMs: fc.integer({ min: 1, max: 10_000 }),
  capMs: fc.integer({ min: 10_000, max: 6 * 3_600_000 }),
});

test("a failing message is tried again within the policy's bounds and given up for a reason, whatever fails in whatever order", () => {
  const commands = fc.commands(
    [fc.tuple(retry, luck).map(([how, chance]) => new Fail(how, chance)), fc.nat(3_600_000).map((ms) => new Wait(ms))],
    {
      maxCommands: 100,
      size: "max",
    },
  );
  fc.assert(
    fc.property(policy, commands, (chosen, plan) => {
      fc.modelRun(() => ({ model: { attempts: 0, ageMs: 0, over: false }, real: new Journey(chosen) }), plan);
    }),
    { numRuns: 500 },
  );
});
