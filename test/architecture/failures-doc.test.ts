import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { failureClasses, failureTexts, registers, safeActions } from "../../packages/sdk/src/index.ts";
import { failuresDocument } from "./failures-doc.ts";

test("docs/failures.md tells the classes as the code has them; `npm run docs:errors` writes it", () => {
  const document = readFileSync(new URL("../../docs/failures.md", import.meta.url), "utf8");
  expect(document.slice(document.indexOf("## At a glance"))).toBe(failuresDocument());
});

/** Words that a tenant would have to ask about, and codes. */
const jargon =
  /webhook|\bAPI\b|schema|connector|\bflow|configur|credential|token|endpoint|database|dead letter|\bHTTP|\bqueue|mailbox|payload|deploy|replay|tenant|`|[A-Z]+_[A-Z]+|\b[45]\d\d\b|\{(?!provider\})/i;

test("what a tenant is told has no word of ours, and no code", () => {
  for (const [name, { tenant }] of Object.entries(failureTexts)) expect(`${tenant.happened} ${tenant.remedy}`, name).not.toMatch(jargon);
});

test("nobody is told that something is unknown that a person could know, and every text is a sentence", () => {
  for (const texts of Object.values(failureTexts)) {
    for (const register of registers) {
      for (const text of Object.values(texts[register])) {
        expect(text).toMatch(/^[A-Z`{5N4].*[.]$/);
        expect(text).not.toMatch(/unknown error|unexpected|something went wrong$|contact (your|the) administrator/i);
      }
    }
  }
});

test("every class that leaves dead letters lets support run them again, and every action is offered somewhere", () => {
  const offered = new Set(Object.values(failureClasses).flatMap(({ actions }) => [...actions]));
  expect([...offered].toSorted()).toEqual(Object.keys(safeActions).toSorted());
  const withoutReplay = Object.entries(failureClasses).filter(([, { actions }]) => !(actions as readonly string[]).includes("replay"));
  // These refuse at the door: there is nothing to run again.
  expect(withoutReplay.map(([name]) => name)).toEqual(["request-mistake", "webhook-not-believed"]);
});
