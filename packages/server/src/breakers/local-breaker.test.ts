import { expect, test } from "vitest";
import type { Admission } from "@belay/sdk/http";
import { LocalBreaker } from "./local-breaker.ts";
import type { BreakerDesk, BreakerKey, OpenBreaker, ProbeAnswer, ProbeEnd, Trip, Vouch } from "./types.ts";

/** A clock that is moved by hand. */
class HandClock {
  time = 0;
  #timers: { readonly at: number; readonly act: () => void }[] = [];
  readonly now = (): number => this.time;
  readonly sleep = async (): Promise<void> => {
    throw new Error("Nothing here sleeps.");
  };
  readonly timer = (ms: number, act: () => void): (() => void) => {
    const entry = { at: this.time + ms, act };
    this.#timers.push(entry);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== entry);
    };
  };

  advance(ms: number): void {
    this.time += ms;
    const due = this.#timers.filter(({ at }) => at <= this.time);
    this.#timers = this.#timers.filter(({ at }) => at > this.time);
    for (const { act } of due) act();
  }
}

const provider = "desk.example";
const of = (name: string) => ({ connection: `acme/${name}`, provider });
const openProvider: OpenBreaker = { scope: "provider", key: provider, provider, suspected: false, probeInMs: 5_000 };

function setUp(answerOf: (key: BreakerKey) => ProbeAnswer = () => ({ token: 1 })) {
  const clock = new HandClock();
  const trips: Trip[] = [];
  const ends: ProbeEnd[] = [];
  const vouches: Vouch[] = [];
  const claims: BreakerKey[] = [];
  const desk: BreakerDesk = {
    trip: (trip) => void trips.push(trip),
    end: (end) => void ends.push(end),
    vouch: (vouch) => void vouches.push(vouch),
    claim: async ({ scope, key }) => {
      claims.push({ scope, key });
      return answerOf({ scope, key });
    },
  };
  const breaker = new LocalBreaker({ desk, clock, random: () => 0.5 });
  const call = async (name: string, outcome: "success" | "failure"): Promise<Admission> => {
    const admission = await breaker.admit(of(name), clock.time);
    if (admission.admitted) breaker.report(of(name), admission.probe, outcome, clock.time);
    return admission;
  };
  return { clock, breaker, call, trips, ends, vouches, claims };
}

async function fail(call: (name: string, outcome: "failure") => Promise<Admission>, name: string, times = 5): Promise<void> {
  for (let index = 0; index < times; index += 1) await call(name, "failure");
}

test("five failures in a row keep a connection's calls away at once, before anybody else knows, and nobody else's", async () => {
  const { breaker, call, trips } = setUp();
  await fail(call, "desk", 4);
  await call("desk", "success");
  await fail(call, "desk", 4);
  expect(trips).toEqual([]);
  await fail(call, "desk", 1);
  expect(trips).toEqual([{ connection: "acme/desk", provider, alone: false }]);
  expect(breaker.admit(of("desk"), 1_000)).toEqual({ admitted: false, afterMs: 4_000 });
  expect(breaker.closedForMs(of("desk"), 1_000)).toBe(4_000);
  expect(breaker.admit(of("shop"), 1_000)).toEqual({ admitted: true, probe: false });
});

test("a connection fails alone when another of its provider does well after it surely failed", async () => {
  const { clock, call, trips } = setUp();
  await call("shop", "success");
  clock.advance(10);
  await fail(call, "desk");
  clock.advance(10);
  await fail(call, "mail", 4);
  await call("shop", "success");
  await fail(call, "mail", 1);
  expect(trips.map(({ connection, alone }) => [connection, alone])).toEqual([
    ["acme/desk", false],
    ["acme/mail", true],
  ]);
});

test("what does well vouches, once, that the open ones of its provider fail alone, and not for itself", async () => {
  const { breaker, call, vouches } = setUp();
  breaker.hear([{ scope: "connection", key: "acme/desk", provider, suspected: true, probeInMs: 60_000 }], 0);
  await call("shop", "success");
  await call("shop", "success");
  expect(vouches).toEqual([{ connection: "acme/shop", provider }]);
});

test("while a provider is open its connections wait, each a little longer than the one before; when the probe is due one asks to be it", async () => {
  const { clock, breaker, claims } = setUp();
  breaker.hear([openProvider], 0);
  const refusals = [await breaker.admit(of("a"), 0), await breaker.admit(of("b"), 0), await breaker.admit(of("a"), 1_000)];
  expect(refusals).toEqual([
    { admitted: false, afterMs: 5_000 },
    { admitted: false, afterMs: 5_005 },
    { admitted: false, afterMs: 4_000 },
  ]);
  clock.advance(5_000);
  const [a, b] = [breaker.admit(of("a"), clock.time), breaker.admit(of("b"), clock.time)];
  expect([await a, await b]).toEqual([
    { admitted: true, probe: true },
    { admitted: false, afterMs: 1_005 },
  ]);
  expect(claims).toEqual([{ scope: "provider", key: provider }]);
  expect(breaker.closedForMs(of("b"), clock.time)).toBeGreaterThan(0);
});

test("who is not given the probe waits until it may ask again", async () => {
  const { clock, breaker } = setUp(() => ({ afterMs: 15_000 }));
  breaker.hear([openProvider], 0);
  clock.advance(5_000);
  expect(await breaker.admit(of("a"), clock.time)).toEqual({ admitted: false, afterMs: 15_000 });
});

test("after a probe that failed others come first, in case it was the connection's own fault", async () => {
  const { clock, breaker, ends } = setUp();
  breaker.hear([openProvider], 0);
  await breaker.admit(of("a"), 0);
  await breaker.admit(of("b"), 0);
  clock.advance(5_000);
  await breaker.admit(of("a"), clock.time);
  breaker.report(of("a"), true, "failure", clock.time);
  expect(ends).toEqual([{ scope: "provider", key: provider, token: 1, outcome: "failure", alone: false }]);
  const [a, b] = [await breaker.admit(of("a"), clock.time), await breaker.admit(of("b"), clock.time)];
  expect([a, b]).toEqual([
    { admitted: false, afterMs: 5_010 },
    { admitted: false, afterMs: 5_005 },
  ]);
});

test("a connection that is open itself does not probe for its provider", async () => {
  const { clock, breaker, claims } = setUp();
  breaker.hear([openProvider, { scope: "connection", key: "acme/a", provider, suspected: false, probeInMs: 0 }], 0);
  clock.advance(5_000);
  expect((await breaker.admit(of("a"), clock.time)).admitted).toBe(false);
  expect(claims).toEqual([]);
});

test("the way back begins with one call at a time, and with each that goes well one more may be under way", async () => {
  const { breaker } = setUp();
  breaker.hear([openProvider], 0);
  breaker.hear([], 0);
  const waiting = Array.from({ length: 4 }, (_, index) => breaker.admit(of(`c${index}`), 0));
  let admitted = 0;
  for (const admission of waiting) void Promise.resolve(admission).then(({ admitted: yes }) => (admitted += yes ? 1 : 0));
  const settle = async (): Promise<number> => {
    await Promise.resolve();
    await Promise.resolve();
    return admitted;
  };
  expect(await settle()).toBe(1);
  breaker.report(of("c0"), false, "success", 0);
  expect(await settle()).toBe(3);
  breaker.report(of("c1"), false, "success", 0);
  expect(await settle()).toBe(4);
});

test("on the way back whoever has waited for a second gives its place to its mailbox; a failure begins again with one", async () => {
  const { clock, breaker } = setUp();
  breaker.hear([openProvider], 0);
  breaker.hear([], 0);
  expect(await breaker.admit(of("a"), 0)).toEqual({ admitted: true, probe: false });
  const waits = breaker.admit(of("b"), 0);
  clock.advance(1_000);
  expect(await waits).toEqual({ admitted: false, afterMs: 700 });
  breaker.report(of("a"), false, "success", clock.time);
  expect(await breaker.admit(of("a"), clock.time)).toMatchObject({ admitted: true });
  breaker.report(of("a"), false, "failure", clock.time);
  expect(await breaker.admit(of("a"), clock.time)).toMatchObject({ admitted: true });
  const second = breaker.admit(of("b"), clock.time);
  expect(second).toBeInstanceOf(Promise);
});

test("while nothing is known to fail a call is admitted at once, without a promise", () => {
  const { breaker } = setUp();
  expect(breaker.admit(of("a"), 0)).toEqual({ admitted: true, probe: false });
});

test("when nobody could be told, a connection's breaker opens for this thread alone, and one failure opens it again", async () => {
  const { clock, call } = setUp();
  await fail(call, "desk");
  clock.advance(5_000);
  expect((await call("desk", "failure")).admitted).toBe(true);
  expect(await call("desk", "failure")).toEqual({ admitted: false, afterMs: 5_000 });
});
