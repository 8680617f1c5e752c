import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { taxonomyTable } from "./taxonomy-doc.ts";

test("docs/taxonomy.md lists the types that the code has; if not: npm run docs:errors", () => {
  const document = readFileSync(new URL("../../docs/taxonomy.md", import.meta.url), "utf8");
  expect(document.slice(document.indexOf("| type |"))).toBe(taxonomyTable());
});
