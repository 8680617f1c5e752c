import { expect, test } from "vitest";
import { Pace } from "./pace.ts";

test("lets as many more be in memory as ended lately", () => {
  const pace = new Pace(0);
  expect(pace.earned(100)).toBe(0);
  pace.ended(10, 200);
  expect(pace.earned(300)).toBe(10);
  pace.ended(20, 2_500);
  expect([2_600, 4_600, 6_700].map((now) => pace.earned(now))).toEqual([30, 20, 0]);
});

test("grows with each round while all ends quickly, so that a fast provider is soon not held up by it", () => {
  const pace = new Pace(0);
  let now = 0;
  for (let round = 0; round < 8; round += 1) pace.ended(4 + pace.earned(now), (now += 10));
  expect(pace.earned(now)).toBeGreaterThan(500);
});

test("stays near what a slow provider takes in a few seconds", () => {
  const pace = new Pace(0);
  for (let second = 1; second <= 60; second += 1) pace.ended(32, second * 1_000);
  expect(pace.earned(60_000)).toBeLessThanOrEqual(4 * 32);
});

test("lets one more begin for each while in which nothing ended", () => {
  const pace = new Pace(0);
  expect([0, 4_999, 5_000, 14_999, 20_000].map((now) => pace.earned(now))).toEqual([0, 0, 1, 2, 4]);
  pace.ended(1, 20_500);
  expect(pace.earned(20_600)).toBe(1);
});
