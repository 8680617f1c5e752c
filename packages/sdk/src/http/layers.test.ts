import { expect, test } from "vitest";
import { ManualClock } from "./__fixtures__/manual-clock.ts";
import { answer, requestOf } from "./__fixtures__/requests.ts";
import { attemptTimeout, timedOut } from "./attempt-timeout.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { deadline } from "./deadline.ts";
import { httpError } from "./errors.ts";
import { createMemoryBreaker } from "./memory-breaker.ts";
import { createMemoryBudget } from "./memory-budget.ts";
import { compose } from "./outbound.ts";
import type { OutboundResponse, Send } from "./outbound.ts";
import { rateBudget } from "./rate-budget.ts";
import { retry } from "./retry.ts";
import { staticCredentials } from "../auth/credentials.ts";

const instant = Number.POSITIVE_INFINITY;

test("deadline: the nearer of the operation's and the call's own holds, and a past one lets nothing through", async () => {
  const clock = new ManualClock();
  const seen: number[] = [];
  const send = deadline(
    clock,
    30_000,
  )(async (request) => {
    seen.push(request.deadlineAt - clock.now());
    return answer(200);
  });
  await send(requestOf());
  await send(requestOf(undefined, { deadlineAt: clock.now() + 5 }));
  expect(seen).toEqual([30_000, 5]);
  await expect(send(requestOf(undefined, { deadlineAt: clock.now() }))).rejects.toMatchObject({ code: "HTTP_DEADLINE_EXCEEDED" });
});

test("attempt time-out: aborts at the deadline when that comes first, and leaves no timer behind", async () => {
  const clock = new ManualClock();
  let signal: AbortSignal | undefined;
  const hang: Send = (request) => {
    signal = request.signal;
    return new Promise((_resolve, reject) => request.signal?.addEventListener("abort", () => reject(request.signal?.reason)));
  };
  const hanging = attemptTimeout(clock, 10_000)(hang)(requestOf(undefined, { deadlineAt: clock.now() + 3_000 }));
  clock.advance(2_999);
  expect(signal?.aborted).toBe(false);
  clock.advance(1);
  await expect(hanging).rejects.toBe(timedOut);
});

test("breaker: 5xx, time-outs and failed connections open it, 4xx do not", async () => {
  const clock = new ManualClock();
  const failures: (OutboundResponse | Error)[] = [
    answer(500),
    httpError("HTTP_TIMEOUT", ""),
    httpError("HTTP_CONNECT_FAILED", ""),
    httpError("HTTP_CONNECTION_LOST", ""),
    answer(503),
  ];
  for (const [outcomes, code] of [
    [failures, "HTTP_CIRCUIT_OPEN"],
    [[404, 429, 401, 422, 400].map((status) => answer(status)), undefined],
  ] as const) {
    const left = [...outcomes];
    const send = circuitBreaker(
      createMemoryBreaker(),
      "t/c",
      clock,
    )(async () => {
      const outcome = left.shift() ?? answer(200);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    });
    for (const _ of outcomes) await send(requestOf()).catch(() => undefined);
    const last = await send(requestOf()).catch((error: unknown) => error);
    expect(last).toMatchObject(code === undefined ? { status: 200 } : { code, retry: { afterMs: 5_000 }, details: { waits: true } });
  }
});

test("breaker: an attempt that never reached the provider gives the probe back", async () => {
  const clock = new ManualClock();
  const breaker = createMemoryBreaker({ threshold: 1 });
  breaker.report("t/c", false, "failure", clock.now());
  clock.advance(5_000);
  const noBudget = circuitBreaker(breaker, "t/c", clock)(() => Promise.reject(httpError("HTTP_BUDGET_EXHAUSTED", "")));
  await expect(noBudget(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED" });
  await expect(circuitBreaker(breaker, "t/c", clock)(async () => answer(200))(requestOf())).resolves.toMatchObject({ status: 200 });
});

test("budget: waits up to a second in process, else hands the wait to the mailbox", async () => {
  const clock = new ManualClock(instant);
  const perSecond = [{ requests: 1, perMs: 1_000, concurrent: 9 }];
  const perMinute = [{ requests: 1, perMs: 60_000, concurrent: 9 }];
  const ok: Send = async () => answer(200);
  const quick = rateBudget(createMemoryBudget(), "t/c", perSecond, clock)(ok);
  await quick(requestOf());
  await quick(requestOf());
  expect(clock.slept).toEqual([1_000]);
  const slow = rateBudget(createMemoryBudget(), "t/c", perMinute, clock)(ok);
  await slow(requestOf());
  await expect(slow(requestOf())).rejects.toMatchObject({
    code: "HTTP_BUDGET_EXHAUSTED",
    retry: { afterMs: 60_000 },
    details: { waits: true },
  });
});

test("budget: a 429 that says when holds everybody back until then", async () => {
  const clock = new ManualClock(instant);
  const budget = createMemoryBudget();
  const limited = rateBudget(budget, "t/c", [], clock)(async () => answer(429, { "retry-after": "20" }));
  await limited(requestOf());
  const other = rateBudget(budget, "t/c", [], clock)(async () => answer(200));
  await expect(other(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED", retry: { afterMs: 20_000 } });
  clock.advance(20_000);
  await expect(other(requestOf())).resolves.toMatchObject({ status: 200 });
});

test("budget: a failed attempt gives its place back", async () => {
  const clock = new ManualClock(instant);
  const limits = [{ requests: instant, perMs: 1_000, concurrent: 1 }];
  const send = rateBudget(createMemoryBudget(), "t/c", limits, clock)(() => Promise.reject(new Error("x")));
  await expect(send(requestOf())).rejects.toThrow("x");
  await expect(send(requestOf())).rejects.toThrow("x");
});

test("budget: every attempt costs, also a repeated one", async () => {
  const clock = new ManualClock(instant);
  const limits = [{ requests: 2, perMs: 60_000, concurrent: 9 }];
  let attempts = 0;
  const layers = [
    retry({ clock, random: () => 0, errors: [], credentials: staticCredentials(undefined) }),
    rateBudget(createMemoryBudget(), "t/c", limits, clock),
  ];
  const send = compose(layers, async () => {
    attempts++;
    return answer(503);
  });
  await expect(send(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED" });
  expect(attempts).toBe(2);
});
