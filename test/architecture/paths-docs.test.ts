import { expect, test } from "vitest";
import { checkReferences } from "./paths-docs.ts";
import { readSources, show } from "./sources.ts";

const code = [
  {
    path: "packages/a.ts",
    text: "export async function claimJobs() {}\nexport class Box { open() {} }\nexport const lane = 1;\nexport type Job = {};",
  },
  { path: "packages/a.sql", text: "create table belay.mailbox (id bigint);" },
];
const problems = (text: string): string[] => checkReferences([{ path: "docs/paths/job.md", text }], code).map(({ problem }) => problem);

test("everything that docs/paths names exists", () => {
  expect(
    show(checkReferences(readSources("docs/paths/*.md"), readSources("{packages,connectors,examples,bench,test}/**/*.{ts,tsx,sql}"))),
  ).toEqual([]);
});

test("a missing file and a missing symbol are refused", () => {
  expect(problems("First `packages/b.ts#claimJobs`.")).toEqual([expect.stringContaining("packages/b.ts, which does not exist")]);
  expect(problems("Then [this](../../packages/a.ts#claimJob).")).toEqual([expect.stringContaining("does not declare")]);
  expect(problems("`packages/a.sql#message`")).toEqual([expect.stringContaining("does not declare")]);
});

test("functions, classes, methods, constants, types and SQL objects are found", () => {
  const symbols = ["a.ts#claimJobs", "a.ts#Box", "a.ts#open", "a.ts#lane", "a.ts#Job", "a.sql#mailbox"];
  expect(problems(symbols.map((symbol) => `\`packages/${symbol}\``).join("\n"))).toEqual([]);
});
