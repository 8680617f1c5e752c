import { expect, test } from "vitest";
import { candidates, normalize } from "./normalize.ts";

test.each([
  ["email", " Ada@Acme.Example ", "ada@acme.example"],
  ["phone", "+49 (30) 12-34", "49301234"],
  ["phone", "0049301234", "49301234"],
  ["order", " R-17 ", "R-17"],
  ["order", "R-17".repeat(200), undefined],
  ["phone", "none", undefined],
  ["order", "\ud800", undefined],
])("%s %j is compared as %j", (kind, value, same) => {
  expect(normalize({ kind, value })).toBe(same);
});

test("a text without an at sign is looked for as anything but an e-mail address", () => {
  expect(candidates("R-17", ["email", "order"])).toEqual([{ kind: "order", value: "R-17" }]);
  expect(candidates("a@b.example", ["email", "order"]).map(({ kind }) => kind)).toEqual(["email", "order"]);
});
