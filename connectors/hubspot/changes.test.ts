import { Secret } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, openPageReader } from "@belay/sdk/http";
import { nextWalkOf, openSource } from "@belay/sdk/walk";
import type { NextWalk, Proof, SourceEntry, SyncPosition } from "@belay/sdk/walk";
import { inProcessNetwork, simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { expect, test } from "vitest";
import { hubspot } from "./index.ts";

type Name = keyof typeof hubspot.resources;

async function open(listing?: SimulatorOptions["listing"]) {
  let now = Date.UTC(2026, 2, 1);
  const clock = { now: () => now, wait: async (ms: number) => void (now += ms) };
  const credential = { token: new Secret("t") };
  const simulator = await simulate(hubspot, {
    accounts: { acme: credential },
    listen: false,
    clock,
    limits: [],
    ...(listing !== undefined && { listing }),
  });
  const send = async (method: string, path: string, body?: unknown): Promise<{ readonly id: string }> => {
    const response = await simulator.fetch(`${simulator.url("acme")}${path}`, {
      method,
      headers: { authorization: "Bearer t", "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    expect(response.status).toBeLessThan(300);
    return response.status === 204 ? { id: "" } : ((await response.json()) as { readonly id: string });
  };
  return { simulator, clock, send, advance: (ms: number) => void (now += ms) };
}

interface Walked {
  readonly entries: readonly SourceEntry[];
  readonly proof: Proof | undefined;
  readonly position: SyncPosition;
}

/** A walk as a sync makes it, by the connector's own declaration. */
async function walk(simulator: Simulator, name: Name, next: NextWalk, now: () => number, before: SyncPosition = {}): Promise<Walked> {
  const credential = { token: new Secret("t") };
  const connection = { id: "acme", tenant: "acme", connector: "hubspot", baseUrl: simulator.url("acme"), credential };
  const ports = {
    // Attempts never time out.
    clock: { now, sleep: (ms: number) => (ms >= 10_000 ? new Promise<void>(() => {}) : Promise.resolve()) },
    random: () => 0,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    network: inProcessNetwork([simulator]),
  };
  const reader = openPageReader(hubspot, connection, ports, { resource: name });
  const source = openSource(hubspot.resources[name], next);
  const startedAtMs = now();
  const entries: SourceEntry[] = [];
  for (let state = source.begin(); ;) {
    const { listing, plan, request } = source.ask(state);
    const taken = source.take(state, await reader.read(plan, request, listing));
    if (taken.kind !== "more" && taken.kind !== "end") throw new Error(JSON.stringify(taken));
    entries.push(...taken.entries);
    if (taken.kind === "end") return { entries, proof: taken.proof, position: taken.progress(before, startedAtMs) };
    ({ state } = taken);
  }
}

const idsOf = (entries: readonly SourceEntry[], kind: SourceEntry["kind"]) =>
  entries.flatMap((entry) =>
    entry.kind !== kind ? [] : [entry.kind === "deleted" ? entry.id : (entry.record as { readonly id: string }).id],
  );

test.each([
  ["contact", "/crm/v3/objects/contacts", { email: "ada@example.com", stripe_customer_id: "cus_1" }, { lastname: "King" }],
  ["company", "/crm/v3/objects/companies", { name: "Analytical Engines" }, { city: "London" }],
  ["ticket", "/crm/v3/objects/tickets", { subject: "It is stuck", hs_pipeline_stage: "1" }, { content: "Card 7" }],
] as const)("of %s only what has changed is read, and what was archived", async (name, path, first, change) => {
  const { simulator, clock, send, advance } = await open();
  const kept = await send("POST", path, {
    properties: name === "contact" ? { email: "c@example.com", stripe_customer_id: "cus_3" } : first,
  });
  advance(3_600_000);
  const others = name === "contact" ? { email: "b@example.com", stripe_customer_id: "cus_2" } : first;
  const [changed, archived] = [await send("POST", path, { properties: first }), await send("POST", path, { properties: others })];
  advance(3_600_000);
  const full = await walk(simulator, name, { kind: "first" }, clock.now);
  expect(idsOf(full.entries, "record").toSorted()).toEqual([changed.id, archived.id, kept.id].toSorted());
  advance(3_600_000);
  await send("PATCH", `${path}/${changed.id}`, { properties: change });
  await send("DELETE", `${path}/${archived.id}`);
  advance(60_000);
  const next = nextWalkOf(hubspot.resources[name].changes, full.position, { nowMs: clock.now() });
  expect(next.kind).toBe("incremental");
  const asked = simulator.history().length;
  const changes = await walk(simulator, name, next, clock.now, full.position);
  expect(idsOf(changes.entries, "record")).toEqual([changed.id]);
  expect(idsOf(changes.entries, "deleted")).toEqual([archived.id]);
  expect(changes.proof).toMatchObject({ covers: "changes" });
  expect(
    simulator
      .history()
      .slice(asked)
      .map((entry) => `${entry.method} ${entry.path.split("?")[0] ?? ""}`),
  ).toEqual([`POST ${path}/search`, `GET ${path}`]);
});

test("a change that the search learns of late is read by the next walk, for five minutes are read again", async () => {
  const { simulator, clock, send, advance } = await open({ changeLagMs: 20_000 });
  const contact = await send("POST", "/crm/v3/objects/contacts", { properties: { email: "ada@example.com", stripe_customer_id: "cus_1" } });
  const full = await walk(simulator, "contact", { kind: "first" }, clock.now);
  advance(3_600_000);
  await send("PATCH", `/crm/v3/objects/contacts/${contact.id}`, { properties: { lastname: "King" } });
  advance(1_000);
  const { changes } = hubspot.resources.contact;
  const early = await walk(simulator, "contact", nextWalkOf(changes, full.position, { nowMs: clock.now() }), clock.now, full.position);
  expect(early.entries).toEqual([]);
  advance(60_000);
  const late = await walk(simulator, "contact", nextWalkOf(changes, early.position, { nowMs: clock.now() }), clock.now, early.position);
  expect(idsOf(late.entries, "record")).toEqual([contact.id]);
});

test("where the 10,000 of a search end, it goes on from the time of the last one", async () => {
  const { simulator, clock, send, advance } = await open();
  const full = await walk(simulator, "contact", { kind: "first" }, clock.now);
  advance(3_600_000);
  const ids = new Set<string>();
  for (let batch = 0; batch < 103; batch += 1) {
    const inputs = Array.from({ length: 100 }, (_, index) => ({ properties: { stripe_customer_id: `cus_${batch}_${index}` } }));
    const { results } = (await send("POST", "/crm/v3/objects/contacts/batch/create", { inputs })) as unknown as {
      readonly results: readonly { readonly id: string }[];
    };
    for (const { id } of results) ids.add(id);
    advance(1_000);
  }
  const next = nextWalkOf(hubspot.resources.contact.changes, full.position, { nowMs: clock.now() });
  const changes = await walk(simulator, "contact", next, clock.now, full.position);
  expect(ids.size).toBe(10_300);
  expect(new Set(idsOf(changes.entries, "record"))).toEqual(ids);
  expect(changes.proof).toBeDefined();
  const searches = simulator.history().filter(({ path }) => path.endsWith("/search"));
  expect(searches.length).toBeLessThan(62);
});
