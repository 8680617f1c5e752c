import fc from "fast-check";
import { expect, test } from "vitest";
import { judge, reconciliationStates } from "./states.ts";

test("both sides are proven equal only where everything was seen, nothing found, and nothing left unsaid", () => {
  const few = fc.integer({ min: 0, max: 2 });
  fc.assert(
    fc.property(few, fc.boolean(), few, few, (found, proven, troubled, moved) => {
      const state = reconciliationStates.walking[judge({ found, proven, troubled, moved })];
      expect(state === "equal").toBe(found === 0 && proven && troubled === 0 && moved === 0);
      expect(state === "planned").toBe(found > 0);
    }),
  );
});

test("what has ended stays as it ended, but for a plan, which can be applied", () => {
  for (const state of ["equal", "unproven", "failed", "applied"] as const)
    expect(Object.values(reconciliationStates[state]).every((next) => next === null)).toBe(true);
  expect(reconciliationStates.planned).toMatchObject({ repaired: "applied", failed: null });
});
