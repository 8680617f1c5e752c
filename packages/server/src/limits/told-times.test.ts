import { expect, test } from "vitest";
import { ToldTimes } from "./told-times.ts";

test("all calls of one mailbox are told when there is room for the first, a little early", () => {
  const told = new ToldTimes();
  expect(told.firstFor("a", 0, 10_000)).toEqual({ roomAt: 10_000, comeAt: 9_600 });
  expect(told.firstFor("a", 5, 90_000)).toEqual({ roomAt: 10_000, comeAt: 9_600 });
  expect(told.firstFor("b", 5, 90_005).comeAt).toBe(89_605);
  expect(told.firstFor("a", 9_700, 20_100).comeAt).toBe(19_700);
});

test("a short wait is hardly made shorter", () => {
  expect(new ToldTimes().firstFor("a", 0, 400).comeAt).toBe(300);
});
