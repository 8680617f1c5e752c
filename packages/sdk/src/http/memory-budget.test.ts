import fc from "fast-check";
import { expect, test } from "vitest";
import type { Limit } from "../connector/limit.ts";
import { bindBudgets } from "./bind-budgets.ts";
import type { Demand } from "./budget.ts";
import { createMemoryBudget } from "./memory-budget.ts";
import { SlidingWindow } from "./sliding-window.ts";

/** A call of a connection under limits. */
function demandOf(id: string, limits: readonly Limit[], tenant = "t"): Demand {
  const { own, usesOf } = bindBudgets({ connector: "desk", tenant, id }, limits);
  const uses = usesOf({ label: "desk.ticket.get", method: "GET", path: "/tickets/1" });
  return { own, uses, lane: "event", giveUpAt: Number.POSITIVE_INFINITY };
}

const limited = [{ requests: 2, per: "1s", concurrent: 3 }] as const;

test("refuses what exceeds the window and says when there is room", () => {
  const budget = createMemoryBudget();
  const take = (id: string, now: number) => budget.take(demandOf(id, limited), now);
  expect(take("c", 0)).toMatchObject({ granted: true });
  expect(take("c", 400)).toMatchObject({ granted: true });
  expect(take("c", 500)).toEqual({ granted: false, afterMs: 500 });
  expect(take("other", 500)).toMatchObject({ granted: true });
  expect(take("c", 1_000)).toMatchObject({ granted: true });
  expect(take("c", 1_000)).toEqual({ granted: false, afterMs: 400 });
});

test.each([
  ["connection", true, true],
  ["tenant", false, true],
  ["app", false, false],
] as const)("a limit of scope %s leaves another connection of the tenant room: %s, and another tenant: %s", (scope, sibling, stranger) => {
  const budget = createMemoryBudget();
  const limits = [{ requests: 1, per: "1m", scope }] as const;
  budget.take(demandOf("c", limits), 0);
  expect(budget.take(demandOf("sibling", limits), 0).granted).toBe(sibling);
  expect(budget.take(demandOf("stranger", limits, "u"), 0).granted).toBe(stranger);
});

test("refuses while as many requests are under way as the provider allows", () => {
  const budget = createMemoryBudget();
  const demand = demandOf("c", [{ concurrent: 1 }]);
  const first = budget.take(demand, 0);
  expect(first).toMatchObject({ granted: true });
  expect(budget.take(demand, 0)).toMatchObject({ granted: false });
  if (first.granted) first.permit.end(true);
  expect(budget.take(demand, 0)).toMatchObject({ granted: true });
});

test("a block holds for everybody, also without limits, and the later of two counts", () => {
  const budget = createMemoryBudget();
  const { own } = demandOf("c", []);
  budget.block(own, 9_000);
  budget.block(own, 4_000);
  expect(budget.take(demandOf("c", []), 1_000)).toEqual({ granted: false, afterMs: 8_000 });
  expect(budget.take(demandOf("c", limited), 1_000)).toEqual({ granted: false, afterMs: 8_000 });
  expect(budget.take(demandOf("c", limited), 9_000)).toMatchObject({ granted: true });
});

test("no window holds more than the limit, and the limit is nearly used", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2_000 }),
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 50, maxLength: 400 }),
      fc.integer({ min: 1, max: 40 }),
      (requests, pauses, dear) => {
        const cost = Math.min(dear, requests);
        const window = new SlidingWindow(requests, 100);
        const taken: number[] = [];
        let now = 0;
        for (const pause of pauses) {
          now += pause;
          for (let tries = 0; tries < 30 && window.waitMs(now, cost) === 0; tries++) {
            window.take(now, cost);
            taken.push(now);
          }
          const inWindow = taken.filter((at) => at > now - 100).length * cost;
          expect(inWindow).toBeLessThanOrEqual(requests);
          if (window.waitMs(now, cost) > 0) expect(inWindow).toBeGreaterThan(0);
        }
      },
    ),
    { numRuns: 30 },
  );
});
