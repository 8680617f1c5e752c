import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readGuide } from "./read-guide.ts";

const guide = `
\`\`\`sh
cd a
npm run dev
\`\`\`

\`\`\`text
ready
\`\`\`

\`\`\`ts
shown only
\`\`\`

\`\`\`diff
--- b.ts
-old
+new
\`\`\`

\`\`\`sh
npm test
\`\`\`

\`\`\`text
fail 1
\`\`\`
`;

test("a guide is read as the steps of its reader", () => {
  expect(readGuide(guide)).toEqual([
    { kind: "run", command: "cd a", expect: undefined },
    { kind: "run", command: "npm run dev", expect: undefined },
    { kind: "see", text: "ready" },
    { kind: "change", file: "b.ts", from: "old", to: "new" },
    { kind: "run", command: "npm test", expect: "fail 1" },
  ]);
});

test("the lines that the first guide changes are in the project that it makes", () => {
  const text = readFileSync(new URL("../../../docs/guide/first-integration.md", import.meta.url), "utf8");
  const changes = readGuide(text).filter((step) => step.kind === "change");
  expect(changes.length).toBeGreaterThan(0);
  for (const { file, from } of changes) {
    const template = readFileSync(new URL(`../../../packages/create-belay/template/example/${file}`, import.meta.url), "utf8");
    expect(template.split(from)).toHaveLength(2);
  }
});
