import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { faults } from "./faults.ts";
import { faultsTable } from "./faults-doc.ts";
import { runFaults } from "./run-faults.ts";

/** Hanging threads and time limits are waited out; a machine with other work takes longer. */
const longestMs = 240_000;

test(
  "every fault is told with its class, its owner and three texts, as docs/faults.md says; `npm run faults` writes it",
  { timeout: longestMs },
  async () => {
    const { observed, violations } = await runFaults(faults);
    expect(violations).toEqual([]);
    const document = readFileSync(new URL("../../docs/faults.md", import.meta.url), "utf8");
    expect(document.slice(document.indexOf("\n## ") + 1)).toBe(faultsTable(observed));
    expect(observed.length).toBeGreaterThanOrEqual(25);
  },
);
