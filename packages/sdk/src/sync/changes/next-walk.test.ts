import { describe, expect, test } from "vitest";
import type { Changes } from "../../connector/changes.ts";
import { advanceWatermark, nextWalkOf, readTime, sinceText, writeTime } from "./index.ts";

const dayMs = 86_400_000;
const nowMs = 100 * dayMs;
const byField: Changes = { by: { kind: "field", field: "updated_at", filter: "since" } };
const byToken: Changes = {
  by: { kind: "token", parameter: "sync_token", next: "next_sync_token" },
  tombstone: { at: "status", is: ["gone"] },
  keptFor: "7d",
};
const full = { fullAtMs: nowMs - 60_000, provenAtMs: nowMs - 60_000, walkedAtMs: nowMs - 60_000 };

describe("the next walk", () => {
  test("is the first until one has come to its end", () => {
    expect(nextWalkOf(byField, {}, { nowMs })).toEqual({ kind: "first" });
  });

  test("is through everything where changes cannot be had", () => {
    expect(nextWalkOf(undefined, full, { nowMs })).toEqual({ kind: "full", why: "changes-not-declared" });
  });

  test("goes on from the watermark, or from the token", () => {
    expect(nextWalkOf(byField, { ...full, watermarkMs: 5 }, { nowMs })).toEqual({ kind: "incremental", sinceMs: 5 });
    expect(nextWalkOf(byToken, { ...full, token: "t1", tokenAtMs: nowMs }, { nowMs })).toEqual({ kind: "incremental", token: "t1" });
    expect(nextWalkOf(byToken, full, { nowMs })).toEqual({ kind: "full", why: "no-position" });
  });

  test("goes on from the beginning of the first where there was nothing to see", () => {
    expect(nextWalkOf(byField, full, { nowMs })).toEqual({ kind: "incremental", sinceMs: full.fullAtMs });
  });

  test("is through everything once a day where deletions are not told, and never where they are", () => {
    const old = { ...full, fullAtMs: nowMs - dayMs, provenAtMs: nowMs - dayMs, watermarkMs: 5, token: "t1", tokenAtMs: nowMs };
    expect(nextWalkOf(byField, old, { nowMs })).toEqual({ kind: "full", why: "due" });
    expect(nextWalkOf(byField, old, { nowMs, fullEveryMs: 2 * dayMs })).toMatchObject({ kind: "incremental" });
    expect(nextWalkOf(byToken, old, { nowMs })).toMatchObject({ kind: "incremental" });
    expect(nextWalkOf(byToken, { ...old, provenAtMs: 1 }, { nowMs })).toEqual({ kind: "full", why: "due" });
  });

  test("is through everything where the provider may have forgotten, or does not take the token", () => {
    const position = { ...full, token: "t1", tokenAtMs: nowMs - 6.5 * dayMs };
    expect(nextWalkOf(byToken, position, { nowMs })).toEqual({ kind: "full", why: "too-late" });
    expect(nextWalkOf(byToken, { ...position, tokenRefused: true }, { nowMs })).toEqual({ kind: "full", why: "token-refused" });
  });
});

describe("the watermark", () => {
  test("is the newest time that was seen, but never after the walk began, and never goes back", () => {
    expect(advanceWatermark(undefined, 50, 100)).toBe(50);
    expect(advanceWatermark(40, 150, 100)).toBe(100);
    expect(advanceWatermark(70, 50, 100)).toBe(70);
    expect(advanceWatermark(70, undefined, 100)).toBe(70);
  });

  test("is asked from a lookback before it, at the provider's own step, its own time included", () => {
    const by = { kind: "field", field: "at", filter: "since", lookback: "10s" } as const;
    const at = Date.parse("2026-03-01T12:00:30.700Z");
    expect(sinceText({ ...by, format: "iso-seconds" }, { test: "atLeast" }, at)).toBe("2026-03-01T12:00:20Z");
    expect(sinceText({ ...by, format: "iso-seconds" }, { test: "above" }, at)).toBe("2026-03-01T12:00:19Z");
    expect(sinceText({ ...by, format: "seconds", granularity: "1m" }, { test: "atLeast" }, at)).toBe(
      String(Date.parse("2026-03-01T12:00:00Z") / 1_000),
    );
    expect(sinceText(by, { test: "atLeast" }, 5)).toBe("1970-01-01T00:00:00.000Z");
  });
});

test("times are read as they were written, and what is none is none", () => {
  const at = Date.parse("2026-03-01T12:00:30.000Z");
  for (const format of ["iso", "iso-seconds", "seconds", "milliseconds"] as const) expect(readTime(writeTime(at, format), format)).toBe(at);
  expect(readTime("2026-03-01T13:00:30+01:00")).toBe(at);
  expect([readTime(null), readTime("soon"), readTime("", "seconds"), readTime("soon", "milliseconds")]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
