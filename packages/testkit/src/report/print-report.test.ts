import { expect, test } from "vitest";
import { formatFigures } from "./format-figures.ts";
import { printReport, type Report } from "./print-report.ts";

function print(report: Report, json: boolean): { code: 0 | 1; text: string } {
  let text = "";
  const code = printReport(report, { json }, { write: (more) => (text += more) });
  return { code, text };
}

test("as JSON the report is one line", () => {
  const { code, text } = print({ figures: { delivered: 12 }, violations: [] }, true);
  expect(text).toBe('{"ok":true,"figures":{"delivered":12},"violations":[]}\n');
  expect(code).toBe(0);
});

test("a violation makes the report fail", () => {
  const { code, text } = print({ figures: {}, violations: ["Message 3 was lost.\nReally."] }, true);
  expect(JSON.parse(text)).toEqual({ ok: false, figures: {}, violations: ["Message 3 was lost.\nReally."] });
  expect(text.match(/\n/g)).toHaveLength(1);
  expect(code).toBe(1);
});

test("a figure that could not be measured is a violation, not a gap", () => {
  const { code, text } = print({ figures: { p99Ms: Number.NaN, sent: 1 }, violations: [] }, true);
  expect(JSON.parse(text)).toMatchObject({ ok: false, figures: { sent: 1 }, violations: [expect.stringContaining("p99Ms")] });
  expect(code).toBe(1);
});

test("for people the figures are aligned and the violations listed, 20 at most", () => {
  expect(formatFigures({ delivered: 12_000, p99Ms: 14.567 })).toBe("delivered  12,000\np99Ms       14.57");
  expect(print({ figures: { sent: 1 }, violations: [] }, false).text).toBe("sent  1\n\nOK: every promise was kept.\n");
  const { text } = print({ figures: {}, violations: Array.from({ length: 25 }, (_, index) => `Lost ${index}.`) }, false);
  expect(text).toContain("FAILED: 25");
  expect(text).toContain("Lost 19.");
  expect(text).not.toContain("Lost 20.");
  expect(text).toContain("5 more");
});
