import fc from "fast-check";
import { expect, test } from "vitest";
import { drawHistory } from "./draw-history.ts";
import { shrinkHistory } from "./shrink-history.ts";
import type { History } from "./steps.ts";

const numbersOf = ({ steps }: History): number[] => steps.map(({ number }) => number);

test("exactly the steps that it takes are left, wherever they are", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), async (seed, picks) => {
      const history = drawHistory(seed);
      const needed = [...new Set(picks.map((pick) => pick % history.steps.length))].toSorted((a, b) => a - b);
      const shortest = await shrinkHistory(history, async (shorter) => needed.every((number) => numbersOf(shorter).includes(number)));
      expect(numbersOf(shortest)).toEqual(needed);
    }),
  );
});

test("where either of two steps will do, one is left", async () => {
  const shortest = await shrinkHistory(drawHistory(3), async (shorter) =>
    numbersOf(shorter).some((number) => number === 2 || number === 9),
  );
  expect(numbersOf(shortest)).toHaveLength(1);
});

test("it gives up in time and returns what still fails", async () => {
  let plays = 0;
  const fails = async (shorter: History): Promise<boolean> => {
    plays += 1;
    return numbersOf(shorter).includes(4);
  };
  const shortest = await shrinkHistory(drawHistory(3), fails, 3);
  expect(plays).toBe(3);
  expect(numbersOf(shortest)).toContain(4);
});
