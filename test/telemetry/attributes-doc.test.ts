import { readFileSync } from "node:fs";
import * as conventions from "@opentelemetry/semantic-conventions";
import { expect, test } from "vitest";
import { attributes } from "../../packages/server/src/tracing/index.ts";
import { withAttributes } from "./attributes-doc.ts";

test("the guide lists the attributes that leave, as the source has them", () => {
  const page = readFileSync(new URL("../../docs/guide/telemetry.md", import.meta.url), "utf8");
  expect(withAttributes(page)).toBe(page);
});

test("a name that is not ours is one that OpenTelemetry calls stable", () => {
  const stable = new Set(Object.entries(conventions).flatMap(([name, value]) => (name.startsWith("ATTR_") ? [value] : [])));
  const foreign = Object.keys(attributes).filter((name) => !name.startsWith("belay."));
  expect(foreign.filter((name) => !stable.has(name))).toEqual([]);
  expect(foreign.length).toBeGreaterThan(5);
});
