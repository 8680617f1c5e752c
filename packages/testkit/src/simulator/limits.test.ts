import { defineConnector } from "@belay/sdk";
import type { Limit } from "@belay/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { drive, steppingClock, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";
import { countLimits } from "./limits.ts";

const limited = (limits: readonly Limit[]) =>
  defineConnector({
    id: "limited",
    title: "Limited",
    baseUrl: "https://limited.example",
    auth: { kind: "bearer" },
    limits,
    resources: { thing: { path: "/things", id: "id", schema: z.object({ id: z.number() }), get: {} } },
    errors: [
      {
        status: 403,
        contains: "rate limit",
        code: "LIMITED_RATE",
        class: "rate-limit",
        retry: "backoff",
        meaning: "Wait.",
        answers: ["limited"],
        example: { message: "rate limit exceeded" },
      },
    ],
  });

const start = Date.UTC(2026, 2, 1);
const headers = (form: "epochSeconds" | "deltaSeconds" | "isoDate") =>
  ({ limit: "X-Limit", remaining: "X-Remaining", reset: { header: "X-Reset", form } }) as const;

describe("counting", () => {
  const admitted = (limits: readonly Limit[], times: readonly number[]): boolean[] => {
    const counter = countLimits(limits);
    return times.map((at) => counter.enter(at).admitted);
  };

  test("in fixed windows lets twice as much through around a window's end, in sliding ones never", () => {
    const times = [0, 900, 950, 1_000, 1_001, 1_002];
    expect(admitted([{ requests: 2, per: "1s" }], times)).toEqual([true, true, false, true, true, false]);
    expect(admitted([{ requests: 2, per: "1s", counts: "sliding" }], times)).toEqual([true, true, false, true, false, false]);
  });

  test("by a leaky bucket lets a burst through, then as much as leaks out", () => {
    const times = [0, 0, 0, 499, 500, 501, 1_000];
    expect(admitted([{ requests: 2, per: "1s", counts: "leaky" }], times)).toEqual([true, true, false, false, true, false, true]);
  });

  test.each(["fixed", "sliding", "leaky"] as const)("by %s says when to come back, and there is room then", (counts) => {
    const counter = countLimits([{ requests: 3, per: "30s", counts }]);
    for (let n = 0; n < 3; n += 1) counter.enter(start);
    const refused = counter.enter(start);
    if (refused.admitted) throw new Error("must be refused");
    expect(counter.enter(start + refused.retryAfterSeconds * 1_000 - 1_000).admitted).toBe(false);
    expect(counter.enter(start + refused.retryAfterSeconds * 1_000).admitted).toBe(true);
  });
});

test.each([
  ["epochSeconds", String(start / 1_000 + 60)],
  ["deltaSeconds", "60"],
  ["isoDate", new Date(start + 60_000).toISOString()],
] as const)("every answer tells how the limit stands, its reset as %s", async (form, reset) => {
  const connector = limited([{ requests: 2, per: "1m", headers: headers(form) }]);
  const simulator = await simulate(connector, { accounts: { acme: { token } }, listen: false, clock: steppingClock(start) });
  const get = async () => {
    const response = await simulator.fetch(`${simulator.url("acme")}/things/1`, { headers: { authorization: "Bearer t-1" } });
    return [response.status, ...["x-limit", "x-remaining", "x-reset", "retry-after"].map((name) => response.headers.get(name))];
  };
  expect([await get(), await get(), await get()]).toEqual([
    [404, "2", "1", reset, null],
    [404, "2", "0", reset, null],
    [403, "2", "0", reset, "60"],
  ]);
});

test("the client stops at the last request that remains, and goes on after the reset", async () => {
  // The client believes in a larger limit than the provider grants: only the headers keep it from being refused.
  const declared = { requests: 100, per: "1m", headers: headers("epochSeconds"), refusal: 403, retryAfter: false } as const;
  const connector = limited([declared]);
  const clock = steppingClock(start);
  const simulator = await simulate(connector, {
    accounts: { acme: { token } },
    listen: false,
    clock,
    limits: [{ ...declared, requests: 3 }],
  });
  const client = drive(connector, simulator, clock);
  for (let n = 0; n < 3; n += 1) await client.thing.get(1);
  await expect(client.thing.get(1)).rejects.toMatchObject({
    code: "HTTP_BUDGET_EXHAUSTED",
    retry: { afterMs: 60_000 },
    details: { waits: true },
  });
  expect(simulator.requests()).toEqual({ 404: 3 });
  clock.advance(60_000);
  await client.thing.get(1);
  expect(simulator.requests()).toEqual({ 404: 4 });
});

test("a 403 that is a limit is tried again, after its Retry-After where it has one", async () => {
  const connector = limited([{ requests: 1, per: "1m", refusal: 403 }]);
  const clock = steppingClock(start);
  const simulator = await simulate(connector, { accounts: { acme: { token } }, listen: false, clock });
  // Two clients of one account: the second knows nothing of what the first has used up.
  await drive(connector, simulator, clock).thing.get(1);
  await expect(drive(connector, simulator, clock).thing.get(1)).rejects.toMatchObject({
    code: "LIMITED_RATE",
    retry: { afterMs: 60_000 },
  });
});

test("a 403 for a limit needs the row that tells it from a missing permission", () => {
  expect(() => defineConnector({ ...limited([{ requests: 1, per: "1m", refusal: 403 }]), errors: [] })).toThrow("limits.refusal");
});
