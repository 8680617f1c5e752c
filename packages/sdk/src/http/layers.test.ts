import { expect, test } from "vitest";
import { ManualClock } from "./__fixtures__/manual-clock.ts";
import { answer, requestOf } from "./__fixtures__/requests.ts";
import type { ErrorRow, Limit } from "../connector/types.ts";
import { attemptTimeout } from "./attempt-timeout.ts";
import { bindBudgets } from "./bind-budgets.ts";
import type { Budget } from "./budget.ts";
import { circuitBreaker } from "./circuit-breaker.ts";
import { deadline } from "./deadline.ts";
import { httpError } from "./errors.ts";
import { createMemoryBreaker } from "./memory-breaker.ts";
import { createMemoryBudget } from "./memory-budget.ts";
import { compose } from "./outbound.ts";
import type { OutboundResponse, Send } from "./outbound.ts";
import { permitEnded, rateBudget } from "./rate-budget.ts";
import { retry } from "./retry.ts";
import type { TimeLimit } from "./time-limit.ts";
import { staticCredentials } from "../auth/credentials.ts";

const instant = Number.POSITIVE_INFINITY;

const limiting = (budget: Budget, limits: readonly Limit[], clock: ManualClock, errors: readonly ErrorRow[] = []) =>
  rateBudget({ budget, budgets: bindBudgets({ connector: "desk", tenant: "t", id: "c" }, limits), clock, errors });

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

test("attempt time-out: ends at the deadline when that comes first, and leaves no timer behind", async () => {
  const clock = new ManualClock();
  let limit: TimeLimit | undefined;
  const ended = new Error("the time is up");
  const hang: Send = ({ timeLimit }) => {
    limit = timeLimit;
    return new Promise((_resolve, reject) => timeLimit?.whenUp(() => reject(ended)));
  };
  const hanging = attemptTimeout(clock, 10_000)(hang)(requestOf(undefined, { deadlineAt: clock.now() + 3_000 }));
  clock.advance(2_999);
  expect(limit?.isUp).toBe(false);
  clock.advance(1);
  await expect(hanging).rejects.toBe(ended);
  expect(limit?.isUp).toBe(true);
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
      { connection: "t/c", provider: "p.example" },
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
  const subject = { connection: "t/c", provider: "p.example" };
  const breaker = createMemoryBreaker({ threshold: 1 });
  breaker.report(subject, false, "failure", clock.now());
  clock.advance(5_000);
  const noBudget = circuitBreaker(breaker, subject, clock)(() => Promise.reject(httpError("HTTP_BUDGET_EXHAUSTED", "")));
  await expect(noBudget(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED" });
  await expect(circuitBreaker(breaker, subject, clock)(async () => answer(200))(requestOf())).resolves.toMatchObject({ status: 200 });
});

test("budget: waits up to a second in process, else hands the wait to the mailbox", async () => {
  const clock = new ManualClock(instant);
  const perSecond = [{ requests: 1, per: "1s", concurrent: 9 }] as const;
  const perMinute = [{ requests: 1, per: "1m", concurrent: 9 }] as const;
  const ok: Send = async () => answer(200);
  const quick = limiting(createMemoryBudget(), perSecond, clock)(ok);
  await quick(requestOf());
  await quick(requestOf());
  expect(clock.slept).toEqual([1_000]);
  const slow = limiting(createMemoryBudget(), perMinute, clock)(ok);
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
  const limited = limiting(budget, [], clock)(async () => answer(429, { "retry-after": "20" }));
  await limited(requestOf());
  const other = limiting(budget, [], clock)(async () => answer(200));
  await expect(other(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED", retry: { afterMs: 20_000 } });
  clock.advance(20_000);
  await expect(other(requestOf())).resolves.toMatchObject({ status: 200 });
});

test("budget: a failed attempt gives its place back", async () => {
  const clock = new ManualClock(instant);
  const limits = [{ concurrent: 1 }];
  const send = limiting(createMemoryBudget(), limits, clock)(() => Promise.reject(new Error("x")));
  await expect(send(requestOf())).rejects.toThrow("x");
  await expect(send(requestOf())).rejects.toThrow("x");
});

test("budget: every attempt costs, also a repeated one", async () => {
  const clock = new ManualClock(instant);
  const limits = [{ requests: 2, per: "1m", concurrent: 9 }] as const;
  let attempts = 0;
  const layers = [
    retry({ clock, random: () => 0, errors: [], credentials: staticCredentials(undefined) }),
    limiting(createMemoryBudget(), limits, clock),
  ];
  const send = compose(layers, async () => {
    attempts++;
    return answer(503);
  });
  await expect(send(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED" });
  expect(attempts).toBe(2);
});

test("budget: an answer that a row calls throttled holds everybody back, though its status says that all is well", async () => {
  const clock = new ManualClock(instant);
  const row = { status: 200, contains: "THROTTLED", code: "DESK_THROTTLED", class: "rate-limit", meaning: "", throttled: true } as const;
  const budget = createMemoryBudget();
  const throttled = limiting(budget, [], clock, [{ ...row, retry: { afterMs: 7_000 } }])(async () =>
    answer(200, {}, '{"error":"THROTTLED"}'),
  );
  await throttled(requestOf());
  await expect(throttled(requestOf())).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED", retry: { afterMs: 7_000 } });
});

test("budget: a limit of an endpoint counts its calls only, by what they cost", async () => {
  const clock = new ManualClock(instant);
  const limits = [{ endpoint: "POST /search", requests: 10, per: "1m", cost: 5 }] as const;
  const send = limiting(createMemoryBudget(), limits, clock)(async () => answer(200));
  const search = { method: "POST", path: "/search?q=1" } as const;
  for (let index = 0; index < 20; index++) await send(requestOf());
  await send(requestOf(undefined, search));
  await send(requestOf(undefined, search));
  await expect(send(requestOf(undefined, search))).rejects.toMatchObject({ code: "HTTP_BUDGET_EXHAUSTED" });
  await expect(send(requestOf())).resolves.toMatchObject({ status: 200 });
});

test("budget: a permit that ran out before the request could leave is replaced, and nothing was used up", async () => {
  const clock = new ManualClock(instant);
  const ends: boolean[] = [];
  let holds = false;
  const budget: Budget = {
    take: () => ({ granted: true, permit: { holds: () => holds, end: (sent) => void ends.push(sent) } }),
    block: () => {},
  };
  const send = limiting(
    budget,
    [],
    clock,
  )(async (request) => {
    const fits = request.permit?.holds?.();
    holds = true;
    if (fits === false) throw permitEnded(request.label);
    return answer(200);
  });
  await expect(send(requestOf())).resolves.toMatchObject({ status: 200 });
  expect(ends).toEqual([false, true]);
});
