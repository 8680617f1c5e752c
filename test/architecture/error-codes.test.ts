import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { checkErrorCodes, errorTable, findErrorCodes } from "./error-codes.ts";
import { readSources, show, type SourceFile } from "./sources.ts";

const errors = (text: string, slice = "vault"): SourceFile => ({ path: `packages/server/src/${slice}/errors.ts`, text });
const source = (text: string): SourceFile => ({ path: "packages/server/src/vault/refresh.ts", text });
const problems = (...files: SourceFile[]): string[] => checkErrorCodes(files).map(({ problem }) => problem);
const table = errors(
  'export const e = { VAULT_REFRESH_REJECTED: { class: "credential-refused", retry: "never", meaning: "The grant " + "is gone." } };',
);

test("every error code is declared once and used", () => {
  expect(show(checkErrorCodes(readSources()))).toEqual([]);
});

test("docs/errors.md lists exactly the declared codes; `npm run docs:errors` writes it", () => {
  const document = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  expect(document.slice(document.indexOf("| code |"))).toBe(errorTable(readSources()));
});

test("a code that is thrown but not declared is refused", () => {
  expect(problems(source('throw new BelayError("VAULT_LOST", "…");'))).toEqual([expect.stringContaining("throws VAULT_LOST")]);
  expect(problems(table, source('throw new BelayError("VAULT_REFRESH_REJECTED", "…");'))).toEqual([]);
});

test("a code that is declared but never used, or declared twice, is refused", () => {
  expect(problems(table)).toEqual([expect.stringContaining("nothing uses")]);
  expect(problems(table, errors(table.text, "ingress"))).toEqual([expect.stringContaining("again")]);
});

test("both shapes of declaration are read, with every kind of retry", () => {
  const connector: SourceFile = {
    path: "connectors/hubspot/errors.ts",
    text: `export const errors = [
      { status: 423, code: "HUBSPOT_LOCKED", class: "provider-unavailable", retry: { afterMs: 2_000 }, meaning: "Locked | busy." },
      { status: 429, code: "HUBSPOT_LOCKED", class: "provider-unavailable", retry: "backoff", meaning: "Busy." },
    ];`,
  };
  expect(findErrorCodes(table).map(({ meaning, where }) => [meaning, where])).toEqual([["The grant is gone.", "server/vault"]]);
  expect(errorTable([connector])).toContain(
    "| `HUBSPOT_LOCKED` | [provider-unavailable](failures.md#provider-unavailable) | Locked \\| busy. Or: Busy. | after 2 s; backoff | `connectors/hubspot` |",
  );
});

test("a code without a class, or of one that does not exist, is refused", () => {
  const use = source('throw new BelayError("VAULT_REFRESH_REJECTED", "…");');
  for (const given of ["", 'class: "unknown", '])
    expect(problems(errors(table.text.replace('class: "credential-refused", ', given)), use)).toEqual([
      expect.stringContaining("without a class"),
    ]);
});

test("tests neither declare nor throw", () => {
  expect(problems({ path: "packages/sdk/src/retry.test.ts", text: 'throw new BelayError("TEST_ONLY", "…");' })).toEqual([]);
});
