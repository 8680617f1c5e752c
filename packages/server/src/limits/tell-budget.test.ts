import { expect, test } from "vitest";
import { answerAsk } from "./answer-ask.ts";
import { tellBudget } from "./tell-budget.ts";
import { emptyBudget, type BudgetState, type LimitAsk } from "./types.ts";

const noon = Date.UTC(2026, 2, 1, 12);
const silent: LimitAsk = { held: [], wants: [0, 0, 0, 0], waiting: [0, 0, 0, 0], dearest: 1, places: { inUse: 0, wants: 0 } };

/** Spends so many permits at this time, for a flow. */
function spend(
  state: BudgetState,
  limit: { requests: number; perMs: number; align?: string },
  units: number,
  atMs: number,
  who = "acme/sell",
): BudgetState {
  const ask = { tenant: "", key: "app:desk", holder: "h", limits: [{ ...limit, concurrent: Number.POSITIVE_INFINITY }] };
  const wanted = answerAsk(
    state,
    { ...ask, block: "b", of: [{ ...silent, wants: [0, units, 0, 0], waiting: [0, units, 0, 0] }] },
    atMs,
  ).state;
  const held = [{ id: "b", outstanding: 0, counted: [[0, units]] as const }];
  return answerAsk(wanted, { ...ask, block: "c", of: [{ ...silent, held }], used: { [who]: units } }, atMs).state;
}

const tell = (state: BudgetState, limit: { requests: number; perMs: number; align?: string }, nowMs: number) =>
  tellBudget({ key: "app:desk", tenant: "", limits: [{ ...limit, concurrent: Number.POSITIVE_INFINITY }] }, state, "acme", nowMs);

test("says what is used, what remains and when a full window has room again", () => {
  const limit = { requests: 10, perMs: 60_000 };
  const some = spend(emptyBudget, limit, 4, noon);
  expect(tell(some, limit, noon).limits[0]).toMatchObject({ used: 4, remaining: 6, freeAtMs: null });
  const full = spend(some, limit, 6, noon + 18_000);
  expect(tell(full, limit, noon + 18_000).limits[0]).toMatchObject({ used: 10, remaining: 0, usedUpAtMs: null });
  const freeAtMs = tell(full, limit, noon + 18_000).limits[0]?.freeAtMs ?? 0;
  expect(Math.round((freeAtMs - (noon + 18_000)) / 1_000)).toBe(42);
});

test("foresees when the quota of a day is gone at this pace, and that it lasts at a slower one", () => {
  const daily = { requests: 1_000, perMs: 86_400_000, align: "UTC" };
  const quick = tell(spend(emptyBudget, daily, 800, noon), daily, noon).limits[0];
  expect(new Date(quick?.usedUpAtMs ?? 0).toISOString()).toBe("2026-03-01T15:00:00.000Z");
  expect(quick?.resetAtMs).toBe(Date.UTC(2026, 2, 2));
  expect(tell(spend(emptyBudget, daily, 400, noon), daily, noon).limits[0]?.usedUpAtMs).toBeNull();
});

test("says which flows of the tenant use it, and of other tenants only how much", () => {
  const limit = { requests: 100, perMs: 60_000 };
  const state = spend(spend(spend(emptyBudget, limit, 3, noon), limit, 5, noon, "globex/steal"), limit, 2, noon, "acme/sync");
  expect(tell(state, limit, noon).usage).toEqual({
    sinceMs: noon,
    flows: [
      { flow: "sell", units: 3 },
      { flow: "sync", units: 2 },
    ],
    others: 5,
  });
});

test("what waits is told by lane while those who wait still ask", () => {
  const limits = [{ requests: 1, perMs: 60_000, concurrent: Number.POSITIVE_INFINITY }];
  const wants = [0, 3, 0, 7] as const;
  const { state } = answerAsk(
    emptyBudget,
    { tenant: "", key: "k", holder: "h", block: "b", limits, of: [{ ...silent, wants, waiting: wants }] },
    noon,
  );
  expect(tell(state, { requests: 1, perMs: 60_000 }, noon + 10).limits[0]?.waiting).toEqual({
    interactive: 0,
    event: 2,
    sync: 0,
    backfill: 7,
  });
  expect(tell(state, { requests: 1, perMs: 60_000 }, noon + 5_000).limits[0]?.waiting).toMatchObject({ event: 0, backfill: 0 });
});
