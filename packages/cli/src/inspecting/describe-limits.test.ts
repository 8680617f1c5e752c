import type { ApiLimits } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describeLimits } from "./describe-limits.ts";

type Limit = ApiLimits["budgets"][number]["limits"][number];

const now = new Date(2026, 2, 1, 12);
const later = (seconds: number): string => new Date(now.getTime() + seconds * 1_000).toISOString();

const limit: Limit = {
  requests: 100,
  perMs: 60_000,
  align: null,
  concurrent: null,
  used: 30,
  remaining: 70,
  waiting: { interactive: 0, event: 0, sync: 0, backfill: 0 },
  underWay: 0,
  freeAt: null,
  usedUpAt: null,
  resetAt: null,
};

const told = (changes: Partial<Limit>, blockedUntil: string | null = null): ApiLimits => {
  const usage = { since: later(-60), flows: [{ flow: "sell", units: 20 }], others: 10 };
  const budget = { key: "app:desk", endpoint: null, sharedByTenants: true, blockedUntil, limits: [{ ...limit, ...changes }], usage };
  return { connection: "acme-desk", tenant: "acme", connector: "desk", budgets: [budget], waits: [], doneAtEarliest: null };
};

test("says what is left, who waits and who uses it", () => {
  const text = describeLimits(told({ used: 100, remaining: 0, waiting: { ...limit.waiting, event: 4, backfill: 9 } }), now);
  expect(text).toContain("app:desk  (shared by all tenants)");
  expect(text).toMatch(/100 in 60 s +100 +0 +event 4, backfill 9/);
  expect(text).toContain("used since 11:59:00: sell 20, other tenants 10");
});

test.each([
  [{ used: 100, remaining: 0, freeAt: later(42) }, "free in 42 s"],
  [{ usedUpAt: later(5 * 3_600 + 40 * 60) }, "gone by 17:40:00 at this pace"],
  [{ perMs: 86_400_000, align: "UTC", resetAt: later(9 * 3_600) }, "100 in 24 h by the clock of UTC"],
  [{ perMs: 86_400_000, align: "UTC", resetAt: later(9 * 3_600) }, "begins anew at 21:00:00"],
  [{ requests: null, remaining: null, concurrent: 5, underWay: 2 }, "5 at once"],
])("%j is told as %s", (changes, text) => {
  expect(describeLimits(told(changes), now)).toContain(text);
});

test("a provider that lets nobody through is told, and a connection without limits", () => {
  expect(describeLimits(told({}, later(90)), now)).toContain("The provider lets nobody through before 12:01:30.");
  const none = { connection: "a", tenant: "t", connector: "desk", budgets: [], waits: [], doneAtEarliest: null };
  expect(describeLimits(none, now)).toContain("declares no limits");
});

test("what waits is told by lane, with when it goes on and when it can be done", () => {
  const waits: ApiLimits["waits"] = [
    { lane: "event", messages: 840, oldest: later(-300), goesOnAt: later(8), why: "HTTP_BUDGET_EXHAUSTED" },
    { lane: "backfill", messages: 10_000, oldest: later(-60), goesOnAt: null, why: null },
  ];
  const text = describeLimits({ ...told({}), waits, doneAtEarliest: later(6_060) }, now);
  expect(text).toMatch(/event +840 +since 11:55:00 +goes on in 8 s \(HTTP_BUDGET_EXHAUSTED\)/);
  expect(text).toMatch(/backfill +10000 or more +since 11:59:00 +worked on/);
  expect(text).toContain("at the earliest all of it is sent by 13:41:00");
});
