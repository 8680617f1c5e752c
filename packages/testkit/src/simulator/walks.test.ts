import { defineConnector, valueAt } from "@belay/sdk";
import type { ConnectorDefinition, Paging, Resource } from "@belay/sdk";
import { nextWalkOf, openSource } from "@belay/sdk/walk";
import type { NextWalk, Proof, SourceEntry, SyncPosition, WhyNone } from "@belay/sdk/walk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { drive, steppingClock, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";
import type { Simulator, SimulatorOptions } from "./index.ts";

const schema = z.object({ id: z.string(), name: z.string(), updated_at: z.string().optional() });
const input = z.object({ name: z.string() });

function resource<P extends Paging>(path: string, paging: P, changes?: Resource["changes"]) {
  return {
    path,
    id: "id",
    schema,
    wrap: { many: "items" },
    create: { input, safety: { kind: "natural" } },
    update: { input, method: "PUT", safety: { kind: "natural" } },
    delete: {},
    list: {
      paging,
      size: { parameter: "limit", default: 5, max: 10 },
      filters: { since: { field: "updated_at", test: "atLeast" } },
      orders: { updated: { by: "updated_at", query: { sort: "updated" } } },
    },
    ...(changes !== undefined && { changes }),
  } as const satisfies Resource;
}

const after = { kind: "cursor", parameter: "after", next: "next" } as const;
const gone = { at: "gone", is: [true] } as const;
const byField = { kind: "field", field: "updated_at", filter: "since", lookback: "1s" } as const;
const walked = defineConnector({
  id: "walked",
  title: "Walked",
  baseUrl: "https://walked.example",
  auth: { kind: "bearer" },
  resources: {
    offset: resource("/offset", { kind: "offset", parameter: "offset", end: { total: "total" } }),
    page: resource("/page", { kind: "page", parameter: "page", end: { more: "more" } }),
    link: resource("/link", { kind: "link", path: "next", page: "page" }),
    cursor: resource("/cursor", after),
    token: resource("/token", after, { by: { kind: "token", parameter: "changed", next: "token" }, tombstone: gone }),
    field: resource("/field", after, { by: byField, tombstone: gone }),
    archive: resource("/archive", after, {
      by: byField,
      deleted: { paging: after, query: { archived: "true" }, size: { parameter: "limit", default: 5, max: 10 } },
    }),
  },
  simulator: {
    resources: Object.fromEntries(
      ["token", "field", "archive"].map((name) => [name, { computed: (now: Date) => ({ updated_at: now.toISOString() }) }]),
    ),
  },
});
type Name = keyof typeof walked.resources;

async function start(options: Partial<SimulatorOptions> = {}): Promise<{ simulator: Simulator; clock: ReturnType<typeof steppingClock> }> {
  const clock = steppingClock();
  return { clock, simulator: await simulate(walked, { accounts: { acme: { token } }, listen: false, clock, ...options }) };
}

interface Result {
  readonly entries: readonly SourceEntry[];
  readonly proof: Proof | undefined;
  readonly whyNone: readonly WhyNone[];
  readonly position: SyncPosition;
}

/** A walk over the wire, without a client in between. `refused`: the token of the changes was. */
async function walk(simulator: Simulator, name: Name, next: NextWalk, now: number, before: SyncPosition = {}): Promise<Result | "refused"> {
  const definition: ConnectorDefinition = walked;
  const declared = definition.resources[name];
  if (declared === undefined) throw new Error(name);
  const source = openSource(declared, next);
  const entries: SourceEntry[] = [];
  for (let state = source.begin(); ;) {
    const { plan, request } = source.ask(state);
    const url =
      request.kind === "url"
        ? request.url
        : `${simulator.url("acme")}${declared.path}?${new URLSearchParams(request.parameters).toString()}`;
    const response = await simulator.fetch(url, { headers: { authorization: "Bearer t-1" } });
    const body: unknown = await response.json();
    if (!response.ok) {
      const recovery = source.recover(state);
      if (recovery.kind !== "more") return "refused";
      ({ state } = recovery);
      continue;
    }
    const items = valueAt(body, "items");
    const records: readonly unknown[] = Array.isArray(items) ? items : [];
    const at = (path: string) => records.map((record) => valueAt(record, path));
    const answer = { ids: at(plan.id).map(String), ...(plan.mark !== undefined && { marks: at(plan.mark) }), body };
    const taken = source.take(state, { records, answer });
    if (taken.kind === "invalid" || taken.kind === "stuck") throw new Error(taken.what);
    entries.push(...taken.entries);
    if (taken.kind === "end") return { entries, proof: taken.proof, whyNone: taken.whyNone, position: taken.progress(before, now) };
    ({ state } = taken);
  }
}

const idsOf = (entries: readonly SourceEntry[], kind: SourceEntry["kind"]): string[] =>
  entries.flatMap((entry) => (entry.kind !== kind ? [] : entry.kind === "deleted" ? [entry.id] : [String(valueAt(entry.record, "id"))]));

describe.each(["offset", "page", "link", "cursor"] as const)("a walk by %s", (name) => {
  test("is proven although records come and go, and has each once that was there all the time", async () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const { simulator, clock } = await start({ seed, listing: { drift: { creates: 0.5, deletes: 0.5 } }, records: { [name]: 60 } });
      const before = simulator.records(name).map(({ id }) => id);
      const result = await walk(simulator, name, { kind: "first" }, clock.now());
      if (result === "refused") throw new Error(result);
      const left = new Set(simulator.records(name).map(({ id }) => id));
      const seen = idsOf(result.entries, "record");
      expect(before.filter((id) => left.has(id) && !seen.includes(id))).toEqual([]);
      expect(new Set(seen).size).toBe(seen.length);
      expect(result.proof).toMatchObject({ covers: "all" });
    }
  });
});

describe.each(["token", "field", "archive"] as const)("changes by %s", (name) => {
  test("are those since the last walk, deletions among them", async () => {
    const { simulator, clock } = await start();
    const client = drive(walked, simulator, clock)[name];
    const ids: string[] = [];
    for (let n = 0; n < 25; n += 1) {
      ids.push((await client.create({ name: `n${n}` })).id);
      clock.advance(10_000);
    }
    clock.advance(60_000);
    const first = await walk(simulator, name, { kind: "first" }, clock.now());
    if (first === "refused") throw new Error(first);
    expect(idsOf(first.entries, "record")).toHaveLength(25);
    clock.advance(60_000);
    await client.update(ids[3] ?? "", { name: "changed" });
    await client.delete(ids[4] ?? "");
    const { id } = await client.create({ name: "new" });
    clock.advance(60_000);
    const next = nextWalkOf(walked.resources[name].changes, first.position, { nowMs: clock.now() });
    expect(next.kind).toBe("incremental");
    const second = await walk(simulator, name, next, clock.now(), first.position);
    if (second === "refused") throw new Error(second);
    expect(idsOf(second.entries, "deleted")).toEqual([ids[4]]);
    expect(idsOf(second.entries, "record")).toEqual(expect.arrayContaining([ids[3], id]));
    expect(idsOf(second.entries, "record").length).toBeLessThanOrEqual(4);
    expect(second.proof).toMatchObject({ covers: "changes" });
  });
});

test("a token that the provider has forgotten is refused, and everything is read again", async () => {
  const { simulator, clock } = await start({ listing: { tokenLifetimeMs: 60_000 }, records: { token: 12 } });
  const first = await walk(simulator, "token", { kind: "first" }, clock.now());
  if (first === "refused") throw new Error(first);
  clock.advance(60_000);
  const { changes } = walked.resources.token;
  expect(await walk(simulator, "token", nextWalkOf(changes, first.position, { nowMs: clock.now() }), clock.now())).toBe("refused");
  expect(nextWalkOf(changes, { ...first.position, tokenRefused: true }, { nowMs: clock.now() })).toEqual({
    kind: "full",
    why: "token-refused",
  });
});
