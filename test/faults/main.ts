/**
 * The fault suite: `npm run faults`. Brings about faults at every layer of a running Belay, asks it what happened, and writes `docs/faults.md`.
 * Options: `--json`; `--quick` leaves the document as it is.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseCommandOptions, printReport, startProgress } from "@belay/testkit/report";
import { faults } from "./faults.ts";
import { faultsTable } from "./faults-doc.ts";
import { runFaults } from "./run-faults.ts";

const options = parseCommandOptions(process.argv.slice(2));
const startedAt = Date.now();
using progress = startProgress("faults");
const { observed, violations } = await runFaults(faults, (text) => progress.update(text));
progress.stop();
const explained = observed.length;
const figures = { faults: faults.length, explained, classes: new Set(observed.map(({ explanation }) => explanation.class)).size };
if (!options.quick && violations.length === 0) {
  const file = new URL("../../docs/faults.md", import.meta.url);
  const before = readFileSync(file, "utf8");
  const start = before.indexOf("\n## ");
  writeFileSync(file, `${start === -1 ? before : before.slice(0, start + 1)}${faultsTable(observed)}`);
}
process.exitCode = printReport({ figures: { ...figures, seconds: Math.round((Date.now() - startedAt) / 1_000) }, violations }, options);
