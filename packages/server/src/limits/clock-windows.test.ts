import { expect, test } from "vitest";
import { windowAt } from "./clock-windows.ts";

const at = (text: string): number => Date.parse(text);
const hours = ({ fromMs, untilMs }: { fromMs: number; untilMs: number }): number => (untilMs - fromMs) / 3_600_000;

test.each([
  ["UTC", "2026-03-01T12:34:56Z", "2026-03-01T00:00:00Z", 24],
  ["America/Los_Angeles", "2026-01-15T07:59:59Z", "2026-01-14T08:00:00Z", 24],
  ["America/Los_Angeles", "2026-01-15T08:00:00Z", "2026-01-15T08:00:00Z", 24],
  // Clocks go forward on the 8th of March 2026 and back on the 1st of November.
  ["America/Los_Angeles", "2026-03-08T20:00:00Z", "2026-03-08T08:00:00Z", 23],
  ["America/Los_Angeles", "2026-11-01T20:00:00Z", "2026-11-01T07:00:00Z", 25],
  ["Asia/Kolkata", "2026-06-01T18:30:00Z", "2026-06-01T18:30:00Z", 24],
] as const)("a day in %s at %s begins at %s and has %i hours", (zone, now, begin, length) => {
  const window = windowAt(at(now), 86_400_000, zone);
  expect(window.fromMs).toBe(at(begin));
  expect(hours(window)).toBe(length);
});

test("an hour begins by the clock of the zone", () => {
  expect(windowAt(at("2026-06-01T18:45:00Z"), 3_600_000, "Asia/Kolkata").fromMs).toBe(at("2026-06-01T18:30:00Z"));
});
