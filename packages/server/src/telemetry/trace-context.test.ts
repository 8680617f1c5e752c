import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTrace, newTraceId, parseTrace, timeOfTrace } from "./trace-context.ts";

test("what was written is read", () => {
  const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length - 1}}[1-9a-f]$`));
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
      expect(parseTrace(formatTrace({ traceId, spanId, sampled }))).toEqual({ traceId, spanId, sampled });
    }),
  );
});

test.each([
  null,
  undefined,
  "",
  "00-zz",
  `01-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  `00-${"0".repeat(32)}-${"b".repeat(16)}-01`,
  `00-${"a".repeat(32)}-${"0".repeat(16)}-01`,
  `00-${"A".repeat(32)}-${"b".repeat(16)}-01`,
])("%s is no trace", (text) => {
  expect(parseTrace(text)).toBeUndefined();
});

test("a new trace's id says when it began, and is 32 digits whatever is drawn", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), fc.integer({ min: 1, max: 2 ** 47 }), (drawn, now) => {
      const traceId = newTraceId(now + 0.5, () => drawn);
      expect(traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(timeOfTrace(traceId)).toBe(now);
    }),
  );
});
