import type { Demand, Grant, ParsedLimit } from "@belay/sdk/http";
import { describe, expect, test } from "vitest";
import { Rows } from "./__fixtures__/limited-worker.ts";
import { VirtualTime } from "./__fixtures__/virtual-time.ts";
import { PermitHolder } from "./permit-holder.ts";

const unlimited = Number.POSITIVE_INFINITY;
const hundredPerMinute: ParsedLimit = { requests: 100, perMs: 60_000, concurrent: unlimited };

/** Holders of one database whose answers take two milliseconds. */
function open() {
  const time = new VirtualTime();
  const rows = new Rows(time);
  const holderOf = (holder: string) =>
    new PermitHolder({
      holder,
      now: () => time.now(),
      elapsed: () => time.now(),
      timer: (ms, act) => time.plan(time.now() + ms, act),
      lease: (asks) => new Promise((resolve) => time.plan(time.now() + 2, () => resolve(asks.map((ask) => rows.answer(ask))))),
    });
  const demand = (limits: readonly ParsedLimit[], changes: Partial<Demand> = {}): Demand => ({
    own: { key: "connection:c", tenant: "t", limits: [] },
    uses: limits.length === 0 ? [] : [{ budget: { key: "app:desk", tenant: "", limits }, costs: limits.map(() => 1) }],
    lane: "event",
    giveUpAt: time.now() + 1_000,
    ...changes,
  });
  /** Takes, and lets time pass until there is an answer. */
  const take = async (holder: PermitHolder, wanted: Demand): Promise<Grant> => {
    let grant: Grant | undefined;
    void Promise.resolve(holder.take(wanted, time.now())).then((answer) => (grant = answer));
    while (grant === undefined) await time.runUntil(time.now() + 1);
    return grant;
  };
  return { time, rows, holderOf, demand, take };
}

describe("a holder", () => {
  test("asks nobody for a connection without limits, and answers at once", () => {
    const { rows, holderOf, demand, time } = open();
    expect(holderOf("h").take(demand([]), time.now())).toMatchObject({ granted: true });
    expect(rows.asks).toBe(0);
  });

  test("sends away at once whoever would wait for longer than a second, all of one mailbox with the time of the first", async () => {
    const { holderOf, demand, time } = open();
    const holder = holderOf("h");
    const grants: Grant[] = [];
    const begun = performance.now();
    for (let index = 0; index < 3_000; index += 1)
      void Promise.resolve(holder.take(demand([hundredPerMinute]), time.now())).then((grant) => grants.push(grant));
    await time.runUntil(time.now() + 200);
    const refused = grants.flatMap((grant) => (grant.granted ? [] : [grant.afterMs]));
    expect([grants.length, refused.length]).toEqual([3_000, 2_900]);
    expect(Math.max(...refused) - Math.min(...refused)).toBeLessThan(50);
    expect(refused[0]).toBeGreaterThan(59_000);
    // Thousands that wait at once must not stop the thread: work that grew with their square would.
    expect(performance.now() - begun).toBeLessThan(6_000);
  });

  test("gives permits to the lanes in their order", async () => {
    const { holderOf, demand, time } = open();
    const holder = holderOf("h");
    const order: string[] = [];
    const one: ParsedLimit = { requests: 2, perMs: 300, concurrent: unlimited };
    for (const lane of ["backfill", "event", "interactive", "sync"] as const)
      void Promise.resolve(holder.take(demand([one], { lane }), time.now())).then((grant) => {
        order.push(lane);
        if (grant.granted) grant.permit.end(true);
      });
    await time.runUntil(time.now() + 900);
    expect(order).toEqual(["interactive", "event", "sync", "backfill"]);
  });

  test("lets no more requests be under way than there are places", async () => {
    const { holderOf, demand, take } = open();
    const [first, second] = [holderOf("h1"), holderOf("h2")];
    const two: ParsedLimit = { requests: unlimited, perMs: 1_000, concurrent: 2 };
    const grants = [await take(first, demand([two])), await take(first, demand([two]))];
    expect(grants).toMatchObject([{ granted: true }, { granted: true }]);
    expect(await take(second, demand([two]))).toMatchObject({ granted: false });
    for (const grant of grants) if (grant.granted) grant.permit.end(true);
    expect(await take(second, demand([two], { giveUpAt: unlimited }))).toMatchObject({ granted: true });
  });

  test("keeps what is reserved for interactive calls", async () => {
    const { holderOf, demand, take } = open();
    const holder = holderOf("h");
    const reserved: ParsedLimit = { requests: 10, perMs: 60_000, concurrent: unlimited, reserve: { interactive: 0.3 } };
    const granted = async (lane: Demand["lane"]) => (await take(holder, demand([reserved], { lane }))).granted;
    const events = [];
    for (let index = 0; index < 9; index += 1) events.push(await granted("event"));
    expect(events.filter((each) => each)).toHaveLength(7);
    expect(await granted("interactive")).toBe(true);
  });

  test("learns from an answer that somebody else uses the account up", async () => {
    const { holderOf, demand, take, time } = open();
    const holder = holderOf("h");
    const wanted = demand([hundredPerMinute]);
    const [use] = wanted.uses;
    const grant = await take(holder, wanted);
    if (grant.granted) grant.permit.end(true);
    if (use !== undefined) holder.learn(use.budget, 0, { remaining: 0, askedAt: time.now(), resetAt: time.now() + 20_000 });
    await time.runUntil(time.now() + 3_000);
    const refused = await take(holder, demand([hundredPerMinute]));
    if (refused.granted) throw new Error("Nothing is left.");
    expect(refused.afterMs).toBeGreaterThan(15_000);
    expect(refused.afterMs).toBeLessThan(20_000);
  });

  test("a block holds for every call of the connection, and another holder learns of it with its next lease", async () => {
    const { holderOf, demand, take, time } = open();
    const [first, second] = [holderOf("h1"), holderOf("h2")];
    const wanted = demand([hundredPerMinute]);
    const [use] = wanted.uses;
    if (use !== undefined) first.block(use.budget, time.now() + 30_000);
    expect(await take(first, wanted)).toMatchObject({ granted: false });
    await time.runUntil(time.now() + 100);
    expect(await take(second, demand([hundredPerMinute]))).toMatchObject({ granted: false });
    second.hearBlock("t", "connection:c", 5_000);
    expect(await take(second, demand([]))).toEqual({ granted: false, afterMs: 5_000 });
  });
});
