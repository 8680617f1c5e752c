import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { applyTransforms } from "../crash/transforms.ts";
import { type SyncPlantName, syncPlants } from "./plants.ts";

const packages = new URL("../../../packages/", import.meta.url);

test.each(Object.keys(syncPlants) as SyncPlantName[])("the bug %s finds its place in the product's sources", (name) => {
  const { transforms } = syncPlants[name];
  for (const file of new Set<string>(transforms.map((transform) => transform.file))) {
    const source = readFileSync(new URL(file, packages), "utf8");
    const changed = applyTransforms(file, source, transforms);
    expect(changed).not.toBe(source);
    expect(() => stripTypeScriptTypes(changed)).not.toThrow();
  }
});
