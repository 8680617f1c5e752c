import { expect, test } from "vitest";
import { steadyClock } from "./steady-clock.ts";

test("goes by the clock that has gone further, and never back", () => {
  let [wall, monotonic] = [1_000, 50];
  const elapsed = steadyClock(
    () => wall,
    () => monotonic,
  );
  wall += 100;
  expect(elapsed()).toBe(100);
  // The machine's time is set back, and the machine sleeps.
  wall -= 500;
  monotonic += 130;
  expect(elapsed()).toBe(130);
  monotonic -= 10;
  expect(elapsed()).toBe(130);
});
