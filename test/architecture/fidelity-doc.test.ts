import { expect, test } from "vitest";
import { behavioursOf, checkFidelityDoc } from "./fidelity-doc.ts";
import { readSources, show } from "./sources.ts";

const tests = readSources("connectors/*/fidelity*.test.ts");
const [document] = readSources("docs/simulator-fidelity.md");

test("docs/simulator-fidelity.md lists the behaviours that are checked, with their sources, and no others", () => {
  expect(show(checkFidelityDoc(document!, tests))).toEqual([]);
});

test("at least 20 behaviours each of GitHub and Stripe are checked", () => {
  for (const provider of ["github", "stripe"]) {
    const own = tests.filter(({ path }) => path.startsWith(`connectors/${provider}/`)).flatMap(behavioursOf);
    expect(new Set(own.map(({ name }) => name)).size).toBeGreaterThanOrEqual(20);
  }
});

test("a behaviour without test, a test without row and a test without source are refused", () => {
  const source = "https://docs.example/page";
  const one = { path: "connectors/a/fidelity.test.ts", text: `/** @see ${source} */\nit("pages end", () => {});\n` };
  const told = (name: string) => ({ path: "docs/simulator-fidelity.md", text: `| ${name} | <${source}> | holds |\n` });
  expect(checkFidelityDoc(told("pages end"), [one])).toEqual([]);
  expect(checkFidelityDoc(told("pages begin"), [one]).map(({ problem }) => problem)).toEqual([
    "no test checks: pages begin",
    `lacks: pages end (${source})`,
  ]);
  const unsourced = { ...one, text: `${one.text}it("more", () => {});\n` };
  expect(checkFidelityDoc(told("pages end"), [unsourced])).toHaveLength(1);
});
