import { expect, test } from "vitest";
import { describeDefined } from "./describe-consumers.ts";

test("a consumer of a model that no sync has is told of it, and of nothing otherwise", () => {
  expect(describeDefined("warehouse", "start", { created: true, unknownModels: ["contcat"] })).toMatch(
    /^warehouse begins at the start\.\nNo sync .* "contcat": nothing comes of that until one does/,
  );
  expect(describeDefined("warehouse", "end", { created: false, unknownModels: [] })).toBe("warehouse was there, and stays where it is.");
});
