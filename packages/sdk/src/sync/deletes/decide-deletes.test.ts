import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decideDeletes, deleteStates } from "./index.ts";
import type { DeleteEvent, DeleteState } from "./index.ts";

const proof = { kind: "end-by-flag", covers: "all", pages: 3, records: 990, passes: 1 } as const;
const nowMs = 1_000_000;
const hourMs = 3_600_000;

describe("deletes because a walk did not see records", () => {
  test("need a proof: without one there are none, and it is said why", () => {
    expect(decideDeletes({ proof: undefined, whyNone: ["drifted"], missing: 5, known: 1_000, nowMs })).toEqual({
      kind: "none",
      why: ["drifted"],
    });
  });

  test("need a proof of everything: what is not among the changes is not gone", () => {
    expect(decideDeletes({ proof: { ...proof, covers: "changes" }, missing: 900, known: 1_000, nowMs })).toEqual({
      kind: "none",
      why: "changes-only",
    });
  });

  test("are made where they are few", () => {
    expect(decideDeletes({ proof, missing: 50, known: 1_000, nowMs })).toEqual({ kind: "apply", count: 50, fraction: 0.05 });
    expect(decideDeletes({ proof, missing: 3, known: 10, nowMs })).toMatchObject({ kind: "apply" });
  });

  test("are held for approval where they are many, for a day unless otherwise said", () => {
    expect(decideDeletes({ proof, missing: 51, known: 1_000, nowMs })).toEqual({
      kind: "held",
      untilMs: nowMs + 24 * hourMs,
      count: 51,
      fraction: 0.051,
    });
    expect(decideDeletes({ proof, missing: 51, known: 1_000, holdMs: hourMs, nowMs })).toMatchObject({ untilMs: nowMs + hourMs });
    expect(decideDeletes({ proof, missing: 51, known: 1_000, maxFraction: 0.1, nowMs })).toMatchObject({ kind: "apply" });
  });

  test("are held where nothing would be left, however few that are", () => {
    expect(decideDeletes({ proof: { ...proof, records: 0 }, missing: 4, known: 4, nowMs })).toMatchObject({ kind: "held" });
  });
});

test("what the provider names as deleted needs no proof, but counts for the threshold", () => {
  expect(decideDeletes({ proof: undefined, missing: 0, named: 20, known: 1_000, nowMs })).toMatchObject({ kind: "apply", count: 20 });
  expect(decideDeletes({ proof: undefined, missing: 700, named: 200, known: 1_000, nowMs })).toMatchObject({ kind: "held", count: 200 });
});

test("never is a record deleted unseen because a walk that proves nothing did not see it", () => {
  const none = fc.record({
    missing: fc.nat(10_000),
    known: fc.nat(10_000),
    maxFraction: fc.double({ min: 0, max: 1, noNaN: true }),
    maxCount: fc.nat(100),
  });
  fc.assert(
    fc.property(none, (asked) => {
      expect(decideDeletes({ ...asked, proof: undefined, nowMs }).kind).toBe("none");
    }),
  );
});

test("a record that is seen again is not deleted, or is there again, as long as that can be undone", () => {
  const after = (state: DeleteState, ...events: DeleteEvent[]): DeleteState =>
    events.reduce<DeleteState>((at, event) => deleteStates[at][event] ?? at, state);
  expect(after("held", "seen", "approved", "applied")).toBe("dropped");
  expect(after("held", "approved", "applied", "seen")).toBe("undone");
  expect(after("held", "approved", "applied", "undone", "expired")).toBe("undone");
  expect(after("held", "expired", "approved", "applied")).toBe("dropped");
  expect(after("held", "approved", "applied", "expired", "undone")).toBe("final");
});
