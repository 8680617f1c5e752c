import { expect, test } from "vitest";
import { Lurking } from "./lurking.ts";

test("each fault lets its chances pass and strikes once; two of them never at the same chance", () => {
  const lurking = new Lurking<string>();
  expect(lurking.strike()).toBeUndefined();
  lurking.add("third", 2);
  lurking.add("first", 0);
  lurking.add("also first", 0);
  expect([1, 2, 3, 4].map(() => lurking.strike())).toEqual(["first", "also first", "third", undefined]);
});

test("what is cleared never strikes", () => {
  const lurking = new Lurking<string>();
  lurking.add("fault", 0);
  lurking.clear();
  expect(lurking.strike()).toBeUndefined();
});
