/**
 * How every demo, benchmark and chaos command takes its options and tells its result.
 *
 * Terms: *figure*, a named number that the command measured; *violation*, one broken promise, in a sentence.
 *
 * Invariants: with `--json`, standard output holds the report as one line of JSON and nothing else, last and only; everything else goes
 * to standard error. A command whose report has a violation ends with exit code 1.
 *
 * ```ts
 * const options = parseCommandOptions(process.argv.slice(2));
 * const progress = startProgress("delivering", options);
 * progress.update(`${delivered} of ${planned}`);
 * progress.stop();
 * process.exitCode = printReport({ figures: { delivered, lost }, violations }, options);
 * ```
 *
 * @module
 */
export { parseCommandOptions } from "./command-options.ts";
export type { CommandOptions } from "./command-options.ts";
export { formatFigures } from "./format-figures.ts";
export { printReport } from "./print-report.ts";
export type { Report } from "./print-report.ts";
export { startProgress } from "./progress.ts";
export type { Progress } from "./progress.ts";
