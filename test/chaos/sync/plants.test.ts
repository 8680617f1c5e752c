import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { expect, test } from "vitest";
import { applyTransforms } from "../crash/transforms.ts";
import { twoWayPlants } from "../two-way/plants.ts";
import { type SyncPlant, syncPlants } from "./plants.ts";

const packages = new URL("../../../packages/", import.meta.url);

const plants: Readonly<Record<string, SyncPlant>> = { ...syncPlants, ...twoWayPlants };

test.each(Object.entries(plants))("the bug %s finds its place in the product's sources", (_name, { transforms }) => {
  for (const file of new Set<string>(transforms.map((transform) => transform.file))) {
    const source = readFileSync(new URL(file, packages), "utf8");
    const changed = applyTransforms(file, source, transforms);
    expect(changed).not.toBe(source);
    expect(() => stripTypeScriptTypes(changed)).not.toThrow();
  }
});
