import fc from "fast-check";
import { expect, test } from "vitest";
import { createMemoryBudget } from "./memory-budget.ts";
import { SlidingWindow } from "./sliding-window.ts";

const limits = [{ requests: 2, perMs: 1_000, concurrent: 3 }];

test("refuses what exceeds the window and says when there is room", () => {
  const budget = createMemoryBudget();
  expect(budget.take("t/c", limits, 0)).toEqual({ granted: true });
  expect(budget.take("t/c", limits, 400)).toEqual({ granted: true });
  expect(budget.take("t/c", limits, 500)).toEqual({ granted: false, afterMs: 500 });
  expect(budget.take("t/other", limits, 500)).toEqual({ granted: true });
  expect(budget.take("t/c", limits, 1_000)).toEqual({ granted: true });
  expect(budget.take("t/c", limits, 1_000)).toEqual({ granted: false, afterMs: 400 });
});

test("refuses while as many requests are under way as the provider allows", () => {
  const budget = createMemoryBudget();
  const concurrent = [{ requests: Number.POSITIVE_INFINITY, perMs: 1_000, concurrent: 1 }];
  expect(budget.take("t/c", concurrent, 0)).toEqual({ granted: true });
  expect(budget.take("t/c", concurrent, 0)).toMatchObject({ granted: false });
  budget.giveBack("t/c");
  expect(budget.take("t/c", concurrent, 0)).toEqual({ granted: true });
});

test("a block holds for everybody, also without limits, and the later of two counts", () => {
  const budget = createMemoryBudget();
  budget.block("t/c", 9_000);
  budget.block("t/c", 4_000);
  expect(budget.take("t/c", [], 1_000)).toEqual({ granted: false, afterMs: 8_000 });
  expect(budget.take("t/c", limits, 1_000)).toEqual({ granted: false, afterMs: 8_000 });
  expect(budget.take("t/c", limits, 9_000)).toEqual({ granted: true });
});

test("no window holds more than the limit, and the limit is nearly used", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 50, maxLength: 400 }),
      (requests, pauses) => {
        const window = new SlidingWindow(requests, 100);
        const taken: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          for (let tries = 0; tries < 30 && window.waitMs(now) === 0; tries++) {
            window.take(now);
            taken.push(now);
          }
          const inWindow = taken.filter((at) => at > now - 100).length;
          expect(inWindow).toBeLessThanOrEqual(requests);
          if (window.waitMs(now) > 0) expect(inWindow).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 30 },
  );
});
