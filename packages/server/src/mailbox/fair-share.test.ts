import { expect, test } from "vitest";
import { defaultWeights, FairShare, type Holder, type Weights } from "./fair-share.ts";
import type { Lane } from "./types.ts";

const holder = (tenant: string, mailbox = "1", lane: Lane = "event"): Holder => ({ tenant, lane, mailbox });
const capacity = 2_000;
const mostEach = (holders: readonly Holder[]): Map<Holder, number> => new Map(holders.map((each) => [each, 250]));

/** Fetches as a worker does: what was dealt is in memory until it ends. Any message may end next, as with a provider that answers all alike; by chance, the same each time. */
function play(fair: FairShare, wanting: readonly Holder[], rounds: number, endsPerRound: number): Map<string, number> {
  const inMemory: Holder[] = [];
  const hungry = mostEach(wanting);
  const begun = new Map<string, number>();
  let state = 7;
  for (let round = 0; round < rounds; round += 1) {
    const unfinished = [...Map.groupBy(inMemory, (each) => each)].map(([each, messages]) => [each, messages.length] as const);
    for (const [each, share] of fair.share(capacity, unfinished, hungry)) {
      for (let message = 0; message < share; message += 1) inMemory.push(each);
      // The first half of the time is for getting there.
      if (round > rounds / 2) begun.set(each.tenant, (begun.get(each.tenant) ?? 0) + share);
    }
    for (let end = 0; end < endsPerRound; end += 1) {
      state = (state * 48_271) % 2_147_483_647;
      const last = inMemory.pop();
      const place = state % (inMemory.length + 1);
      if (last !== undefined && place < inMemory.length) inMemory[place] = last;
    }
  }
  return begun;
}

test("keeps room for whoever comes while one tenant has filled all that it may", () => {
  const fair = new FairShare(() => defaultWeights);
  const noise = Array.from({ length: 200 }, (_, index) => holder("noise", String(index)));
  const first = fair.share(capacity, [], mostEach(noise));
  const taken = [...first.values()].reduce((all, each) => all + each, 0);
  expect(taken).toBeGreaterThan(capacity * 0.7);
  const quiet = holder("quiet");
  expect(fair.share(capacity, first, mostEach([...noise, quiet])).get(quiet)).toBeGreaterThanOrEqual(50);
});

test("deals equally among tenants, whether they have one mailbox or hundreds", () => {
  const many = Array.from({ length: 300 }, (_, index) => holder("many", String(index)));
  const begun = play(new FairShare(() => defaultWeights), [...many, holder("one"), holder("other")], 200, 100);
  const [a = 0, b = 0, c = 0] = [begun.get("many"), begun.get("one"), begun.get("other")];
  const jain = (a + b + c) ** 2 / (3 * (a ** 2 + b ** 2 + c ** 2));
  expect(jain).toBeGreaterThan(0.98);
});

test("deals by the weights of tenants", () => {
  const weights: Weights = { ...defaultWeights, tenants: new Map([["big", 3]]) };
  const of = (tenant: string): Holder[] => Array.from({ length: 20 }, (_, index) => holder(tenant, String(index)));
  const begun = play(new FairShare(() => weights), [...of("big"), ...of("small")], 200, 100);
  expect((begun.get("big") ?? 0) / (begun.get("small") ?? 1)).toBeGreaterThan(2);
});

test("gives every lane something while all want more than there is, and keeps a part for a lane that wants nothing yet", () => {
  const fair = new FairShare(() => defaultWeights);
  const backfill = Array.from({ length: 100 }, (_, index) => holder("t", `b${index}`, "backfill"));
  const full = fair.share(capacity, [], mostEach(backfill));
  const interactive = holder("t", "i", "interactive");
  expect(fair.share(capacity, full, mostEach([...backfill, interactive])).get(interactive)).toBeGreaterThan(0);
  const lanes = (["interactive", "event", "sync", "backfill"] as const).map((lane) => holder(lane, lane, lane));
  const begun = play(new FairShare(() => defaultWeights), lanes, 100, 20);
  for (const lane of lanes) expect(begun.get(lane.tenant)).toBeGreaterThan(0);
});

test("lets one tenant claim all but what is kept, asks again where there may be more, and stops asking when the line is through", () => {
  const fair = new FairShare(() => defaultWeights);
  const held: Holder[] = [];
  let claims = 0;
  for (let more = true; more; claims += 1) {
    const order = fair.toClaimOrder(256, held);
    if (order === undefined) break;
    const event = order.lanes.find(({ lane }) => lane === "event");
    if (event === undefined) break;
    const limit = Math.min(event.each, order.left.get("event/noise") ?? event.each, order.room);
    const leases = Array.from({ length: limit }, (_, index) => ({
      ...holder("noise", `${claims}/${index}`),
      token: 1,
      head: 0,
      connection: "c",
      takenOver: false,
      suspectUntil: 0,
    }));
    held.push(...leases);
    more = fair.claimed(order, { leases, after: new Map([["event", "noise"]]), tenants: new Map([["event", 1]]) }) && leases.length > 0;
  }
  expect(held.length).toBeGreaterThan(180);
  expect(held.length).toBeLessThanOrEqual(256 - 32 + 8);
  const order = fair.toClaimOrder(256, held);
  expect(order?.left.get("event/noise")).toBe(Math.max(0, 256 - held.length - 32));
});
