import { expect, test } from "vitest";
import { checkSnippets } from "./guide-snippets.ts";
import { readSources, show } from "./sources.ts";

test("all code in the guide to connectors is part of a file that is compiled and run", () => {
  const [guide] = readSources("docs/guide/connectors.md");
  expect([...guide!.text.matchAll(/^```ts$/gm)].length).toBeGreaterThan(10);
  expect(show(checkSnippets(guide!, readSources()))).toEqual([]);
});

test("code of no file, and code that a file does not have, are refused", () => {
  const files = [{ path: "examples/a.ts", text: "const one = 1;\nconst two = 2;\n" }];
  const problems = (code: string) => checkSnippets({ path: "guide.md", text: `\`\`\`ts\n${code}\n\`\`\`\n` }, files).length;
  expect(problems("// examples/a.ts\nconst two = 2;")).toBe(0);
  expect(problems("// examples/a.ts\nconst three = 3;")).toBe(1);
  expect(problems("// examples/b.ts\nconst two = 2;")).toBe(1);
  expect(problems("const two = 2;")).toBe(1);
});
