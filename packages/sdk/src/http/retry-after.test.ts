import { expect, test } from "vitest";
import { parseRetryAfter } from "./retry-after.ts";

const now = Date.parse("2026-01-01T00:00:00Z");

test.each([
  ["120", 120_000],
  ["0", 0],
  ["1.5", 1_500],
  [" 7 ", 7_000],
  ["Thu, 01 Jan 2026 00:00:30 GMT", 30_000],
  ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
  ["-5", undefined],
  ["soon", undefined],
  ["2026-01-01", undefined],
  ["", undefined],
  [undefined, undefined],
])("reads Retry-After %j as %j ms", (value, expected) => {
  expect(parseRetryAfter(value, now)).toBe(expected);
});
