import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { connectors } from "./connectors.ts";
import { coverageDocument } from "./coverage.ts";

it("docs/coverage.md says what the mappings say; `npm run docs:coverage` writes it", () => {
  expect(readFileSync(new URL("../../docs/coverage.md", import.meta.url), "utf8")).toBe(coverageDocument(connectors));
});

it("at least three connectors have contacts", () => {
  const having = connectors.filter(({ mappings }) => mappings?.some(({ model }) => model.model === "contact"));
  expect(having.map(({ id }) => id)).toEqual(expect.arrayContaining(["hubspot", "stripe", "zendesk"]));
});
