import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { exportsOf, sdkReference } from "./sdk-reference.ts";

test("docs/reference/sdk.md is what the docstrings say; if not: npm run docs:sdk", () => {
  expect(readFileSync(new URL("../../docs/reference/sdk.md", import.meta.url), "utf8")).toBe(sdkReference());
});

test("everything that an author declares with has a docstring", () => {
  const items = exportsOf("packages/sdk/src/index.ts");
  for (const name of ["defineConnector", "defineFlow", "defineConfig", "FlowContext", "Resource", "ListOperation"])
    expect(items.map((item) => item.name)).toContain(name);
  const functions = items.filter(({ code }) => code.startsWith("function") || code.startsWith("async function"));
  expect(functions.filter(({ doc }) => doc === "").map(({ name }) => name)).toEqual([]);
});
