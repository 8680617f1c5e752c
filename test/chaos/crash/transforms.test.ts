import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { failPointTransforms } from "./fail-points.ts";
import { type PlantName, plants } from "./plants.ts";
import { applyTransforms, type Transform } from "./transforms.ts";

const packages = new URL("../../../packages/", import.meta.url);

function transformed(transforms: readonly Transform[]): string[] {
  return [...new Set(transforms.map(({ file }) => file))].map((file) =>
    applyTransforms(file, readFileSync(new URL(file, packages), "utf8"), transforms),
  );
}

test("every fail point finds its place in the product's sources", () => {
  for (const text of transformed(failPointTransforms)) expect(() => stripTypeScriptTypes(text)).not.toThrow();
});

test.each(Object.keys(plants) as PlantName[])("the bug %s can be planted, together with the fail points", (name) => {
  for (const text of transformed([...plants[name].transforms, ...failPointTransforms])) {
    expect(() => stripTypeScriptTypes(text)).not.toThrow();
  }
});

test("a text that is missing or not unique is refused", () => {
  const transform = { file: "a.ts", find: "x", replace: "y" };
  expect(applyTransforms("a.ts", "1 x 2", [transform])).toBe("1 y 2");
  expect(applyTransforms("b.ts", "nothing", [transform])).toBe("nothing");
  expect(() => applyTransforms("a.ts", "none", [transform])).toThrow("found it 0 times");
  expect(() => applyTransforms("a.ts", "x x", [transform])).toThrow("found it 2 times");
});
