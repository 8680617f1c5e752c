import { expect, test } from "vitest";
import { recoveryTimes } from "./recovery.ts";

/** One effect every 10 ms, none in the gaps. */
function effects(lengthMs: number, gaps: readonly (readonly [number, number])[]): number[] {
  return Array.from({ length: lengthMs / 10 }, (_, index) => index * 10).filter((at) => gaps.every(([from, to]) => at < from || at >= to));
}

test("without a gap it is there at once", () => {
  expect(recoveryTimes(effects(60_000, []), [20_000], 60_000)).toEqual([0]);
});

test("a gap of 5 s takes 5 s less the tenth that may be missing", () => {
  const [ms] = recoveryTimes(effects(60_000, [[20_000, 25_000]]), [20_000], 60_000);
  expect(ms).toBeGreaterThan(4_700);
  expect(ms).toBeLessThanOrEqual(5_000);
});

test("a fault just before the end is not judged", () => {
  expect(recoveryTimes(effects(60_000, []), [59_000], 60_000)).toEqual([]);
});
