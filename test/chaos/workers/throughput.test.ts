import { expect, test } from "vitest";
import { countBetween, recoveredAfterMs } from "./throughput.ts";

/** One each 10 ms, but for the time between. */
const times = Array.from({ length: 1_000 }, (_, index) => index * 10).filter((at) => at < 2_000 || at >= 5_000);

test("counts what lies between two times, the first included", () => {
  expect(countBetween(times, 1_900, 2_100)).toBe(10);
  expect(countBetween(times, 0, 10)).toBe(1);
});

test("recovery begins with the first stretch in which enough is done", () => {
  const expected = { from: 2_000, until: 10_000, perSecond: 90, windowMs: 1_000 };
  expect(recoveredAfterMs(times, expected)).toBe(2_900);
  expect(recoveredAfterMs(times, { ...expected, from: 500 })).toBe(0);
});

test("without such a stretch, or before its end is known, there is none", () => {
  expect(recoveredAfterMs(times, { from: 2_000, until: 5_500, perSecond: 90, windowMs: 1_000 })).toBeUndefined();
  expect(recoveredAfterMs(times, { from: 2_000, until: 10_000, perSecond: 110, windowMs: 1_000 })).toBeUndefined();
});
