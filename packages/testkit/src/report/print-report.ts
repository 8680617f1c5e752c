import { formatFigures } from "./format-figures.ts";

/** What a command found out. */
export interface Report {
  /** Names carry their unit where they have one: `p99Ms`. */
  readonly figures: Readonly<Record<string, number>>;
  /** One sentence for each promise that was broken. A figure that is not a finite number becomes one by itself. */
  readonly violations: readonly string[];
}

/** Where text goes; `process.stdout` is one. */
export interface TextOutput {
  write(text: string): unknown;
}

const shownViolations = 20;

/**
 * Prints the report: with `json` one line `{ "ok", "figures", "violations" }`, otherwise an aligned table and the violations (the first
 * 20 of them).
 *
 * @returns the exit code of the command, 0 or 1, for `process.exitCode`.
 */
export function printReport(report: Report, options: { readonly json: boolean }, output: TextOutput = process.stdout): 0 | 1 {
  const unknown = Object.entries(report.figures).filter(([, figure]) => !Number.isFinite(figure));
  // JSON has no NaN: without this a measurement that failed would look like one that was not made.
  const violations = [...report.violations, ...unknown.map(([name, figure]) => `The figure ${name} is ${figure}: nothing was measured.`)];
  const figures = Object.fromEntries(Object.entries(report.figures).filter(([, figure]) => Number.isFinite(figure)));
  const ok = violations.length === 0;
  output.write(options.json ? `${JSON.stringify({ ok, figures, violations })}\n` : toText(figures, violations));
  return ok ? 0 : 1;
}

function toText(figures: Readonly<Record<string, number>>, violations: readonly string[]): string {
  const table = formatFigures(figures);
  const head = violations.length === 0 ? "OK: every promise was kept." : `FAILED: ${violations.length} broken promise(s).`;
  const list = violations.slice(0, shownViolations).map((violation) => `  - ${violation}`);
  const more = violations.length > shownViolations ? [`  … and ${violations.length - shownViolations} more; --json lists all.`] : [];
  return `${[...(table === "" ? [] : [table, ""]), head, ...list, ...more].join("\n")}\n`;
}
