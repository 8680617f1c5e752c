import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Distribution, relativeAccuracy } from "./distribution.ts";

const durations = fc.array(fc.integer({ min: 0, max: 600_000 }), { minLength: 1, maxLength: 300 });

function exact(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(quantile * (sorted.length - 1))]!;
}

function distributionOf(values: readonly number[]): Distribution {
  const distribution = new Distribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

describe("a distribution", () => {
  test("knows each percentile within the accuracy that it promises, however many parts it was merged from", () => {
    fc.assert(
      fc.property(fc.array(durations, { minLength: 1, maxLength: 6 }), (parts) => {
        const whole = new Distribution();
        for (const part of parts) whole.merge(distributionOf(part).store());
        const values = parts.flat();
        const { count, mean, p50, p99, max } = whole.quantiles()!;
        expect([count, max]).toEqual([values.length, Math.max(...values)]);
        expect(mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 1);
        for (const [shown, quantile] of [
          [p50, 0.5],
          [p99, 0.99],
        ] as const) {
          const value = exact(values, quantile);
          // A hundredth of a millisecond is what rounding may take.
          expect(Math.abs(shown - value)).toBeLessThanOrEqual(value * relativeAccuracy + 0.01);
        }
      }),
    );
  });

  test("is the same after it was stored as JSON", () => {
    fc.assert(
      fc.property(durations, (values) => {
        const stored = distributionOf(values).store();
        const read = new Distribution();
        read.merge(JSON.parse(JSON.stringify(stored)) as typeof stored);
        expect(read.store()).toEqual(stored);
      }),
    );
  });

  test("takes a value that a clock set back made negative for 0, and has no percentiles while it is empty", () => {
    expect(new Distribution().quantiles()).toBe(null);
    expect(distributionOf([-5]).quantiles()).toMatchObject({ count: 1, p99: 0, max: 0, mean: 0 });
  });
});
