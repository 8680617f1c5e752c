import { canonicalJson } from "@belay/sdk/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { differingFields } from "./differing-fields.ts";

test("equal values differ nowhere, and others somewhere", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      expect(differingFields(a, structuredClone(a))).toEqual([]);
      expect(differingFields(a, b).length > 0).toBe(canonicalJson(a) !== canonicalJson(b));
    }),
  );
});

test("says where, and stops before it is a second copy of the record", () => {
  const a = { name: { first: "Ada", last: "L" }, mails: ["a", "b"], city: null };
  const b = { name: { first: "Eda", last: "L" }, mails: ["a", "c"], city: "Berlin" };
  expect(differingFields(a, b)).toEqual(["name.first", "mails.1", "city"]);
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`f${index}`, index]));
  expect(differingFields(many, {})).toHaveLength(20);
  expect(differingFields(1, 2)).toEqual([""]);
});
