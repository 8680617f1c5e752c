import { defineConnector } from "@belay/sdk";
import type { ListOperation, Paging, Resource } from "@belay/sdk";
import fc from "fast-check";
import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { collect, drive, steppingClock, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";
import type { Simulator, SimulatorOptions } from "./index.ts";

const schema = z.object({ id: z.string(), name: z.string(), rank: z.number(), tags: z.array(z.string()) });
const input = z.object({ name: z.string(), rank: z.number(), tags: z.array(z.string()) });

function resource<P extends Paging>(path: string, paging: P) {
  return {
    path,
    id: "id",
    schema,
    wrap: { many: "result.items" },
    create: { input, safety: { kind: "natural" } },
    get: {},
    delete: {},
    list: {
      paging,
      size: { parameter: "limit", default: 5, max: 10 },
      filters: { name: {}, rank_from: { field: "rank", test: "atLeast" }, tags: { test: "includesAll" } },
      orders: { top: { by: "rank", direction: "descending", query: { sort: "-rank" } } },
    },
  } as const satisfies Resource;
}

const listings = defineConnector({
  id: "listings",
  title: "Listings",
  baseUrl: "https://listings.example",
  auth: { kind: "bearer" },
  resources: {
    offset: resource("/offset", { kind: "offset", parameter: "offset", end: { total: "meta.total" } }),
    page: resource("/page", { kind: "page", parameter: "page", end: { total: "meta.total" } }),
    morePage: resource("/more-page", { kind: "page", parameter: "page", first: 0, end: { more: "meta.more" } }),
    emptyPage: resource("/empty-page", { kind: "page", parameter: "page", end: { emptyPage: true } }),
    cursor: resource("/cursor", { kind: "cursor", parameter: "page[after]", next: "paging.next.after" }),
    flagged: resource("/flagged", { kind: "cursor", parameter: "after", next: "meta.after", more: "meta.has_more" }),
    keyset: resource("/keyset", { kind: "keyset", parameter: "starting_after", more: "has_more" }),
    link: { ...resource("/link", { kind: "link" }), wrap: {} },
    bodyLink: resource("/body-link", { kind: "link", path: "links.next" }),
  },
  errors: [
    {
      status: 400,
      contains: "stale_cursor",
      code: "LISTINGS_CURSOR_EXPIRED",
      class: "record-refused",
      retry: "never",
      meaning: "Begin again.",
      answers: ["cursor-expired"],
      example: { code: "stale_cursor" },
    },
  ],
});

type Name = keyof typeof listings.resources;
const names = Object.keys(listings.resources) as Name[];
/** Those whose position is a record, not a number. */
const byRecord: readonly Name[] = ["cursor", "flagged", "keyset", "link", "bodyLink"];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator> {
  return simulate(listings, { accounts: { acme: { token } }, listen: false, clock: steppingClock(), ...options });
}

async function fill(simulator: Simulator, name: Name, count: number): Promise<void> {
  const client = drive(listings, simulator);
  for (let n = 0; n < count; n += 1) await client[name].create({ name: `n${n % 4}`, rank: n, tags: n % 2 ? ["odd"] : ["even", "all"] });
}

const pagesOf = (simulator: Simulator): number => simulator.history().filter(({ method }) => method === "GET").length;

describe.each(names)("a listing by %s", (name) => {
  test("yields every record once, page by page as it is consumed", async () => {
    const simulator = await start();
    await fill(simulator, name, 23);
    const client = drive(listings, simulator);
    const seen: string[] = [];
    for await (const record of client[name].list()) {
      seen.push(record.id);
      if (seen.length === 1) expect(pagesOf(simulator)).toBe(1);
    }
    expect(seen).toEqual(simulator.records(name).map(({ id }) => id));
    // 3 pages hold the records; a provider whose only sign is an empty page is asked once more.
    expect(pagesOf(simulator)).toBe(name === "emptyPage" ? 4 : 3);
  });

  test("is empty, full to the last page, or a page of one, and ends all the same", async () => {
    for (const count of [0, 1, 10, 20]) {
      const simulator = await start();
      await fill(simulator, name, count);
      expect(await collect(drive(listings, simulator)[name].list())).toHaveLength(count);
    }
  });

  test("is narrowed and ordered as the provider does it", async () => {
    const simulator = await start();
    await fill(simulator, name, 30);
    const { list } = drive(listings, simulator)[name];
    const ranks = async (...query: Parameters<typeof list>) => (await collect(list(...query))).map(({ rank }) => rank);
    expect(await ranks({ filters: { name: "n3", rank_from: 10 }, pageSize: 2 })).toEqual([11, 15, 19, 23, 27]);
    expect(await ranks({ order: "top", filters: { tags: ["even", "all"], rank_from: 24 } })).toEqual([28, 26, 24]);
  });

  test("misses nothing at a provider that caps its pages below what it declares and miscounts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 9 }), async (seed, serverCap) => {
        const simulator = await start({ seed, listing: { serverCap, wrongTotals: 0.5 } });
        await fill(simulator, name, 40);
        const seen = await collect(drive(listings, simulator)[name].list());
        expect(new Set(seen.map(({ id }) => id)).size).toBe(40);
      }),
      { numRuns: 15 },
    );
  });
});

const withEmptyPages = names.filter((name) => name !== "emptyPage" && name !== "keyset");

test.each(withEmptyPages)("by %s, nothing is missed at a provider that sends empty pages amid others", async (name) => {
  let emptyPages = 0;
  for (let seed = 1; seed <= 15; seed += 1) {
    const simulator = await start({ seed, listing: { emptyPages: 0.4 } });
    await fill(simulator, name, 40);
    const seen = await collect(drive(listings, simulator)[name].list());
    expect(new Set(seen.map(({ id }) => id)).size).toBe(40);
    emptyPages += pagesOf(simulator) - 4;
  }
  expect(emptyPages).toBeGreaterThan(15);
});

test.each(byRecord)("by %s, what is there all the time is seen once, whatever comes and goes meanwhile", async (name) => {
  const simulator = await start({ listing: { drift: { creates: 0.6, deletes: 0.6 } } });
  await fill(simulator, name, 60);
  const before = simulator.records(name).map(({ id }) => id);
  const seen = (await collect(drive(listings, simulator)[name].list())).map(({ id }) => id);
  const left = new Set(simulator.records(name).map(({ id }) => id));
  const constant = before.filter((id) => left.has(id));
  expect(constant.length).toBeLessThan(60);
  expect(seen.filter((id) => constant.includes(id))).toEqual(constant);
});

test("by position, a record that is deleted behind the walk makes it miss another, as at real providers", async () => {
  const simulator = await start({ seed: 2, listing: { drift: { deletes: 1 } } });
  await fill(simulator, "page", 60);
  const seen = new Set((await collect(drive(listings, simulator).page.list())).map(({ id }) => id));
  expect(simulator.records("page").filter(({ id }) => !seen.has(id))).not.toEqual([]);
});

test("a cursor that has expired is refused in the provider's words, which the error table knows", async () => {
  const clock = steppingClock();
  const simulator = await start({ clock, listing: { cursorLifetimeMs: 60_000 } });
  await fill(simulator, "cursor", 20);
  const walk = drive(listings, simulator).cursor.list()[Symbol.asyncIterator]();
  for (let n = 0; n < 10; n += 1) await walk.next();
  clock.advance(60_000);
  await expect(walk.next()).rejects.toMatchObject({ code: "LISTINGS_CURSOR_EXPIRED" });
});

test("a record shows in listings after the lag, and by its id at once", async () => {
  const clock = steppingClock();
  const simulator = await start({ clock, listing: { lagMs: 5_000 } });
  const client = drive(listings, simulator);
  const { id } = await client.link.create({ name: "late", rank: 1, tags: [] });
  expect(await collect(client.link.list())).toEqual([]);
  expect(await client.link.get(id)).toMatchObject({ name: "late" });
  clock.advance(5_000);
  expect(await collect(client.link.list())).toHaveLength(1);
});

test("a deleted record is gone, and deleting it again is no error", async () => {
  const simulator = await start();
  await fill(simulator, "link", 2);
  const client = drive(listings, simulator);
  await client.link.delete("1001");
  await client.link.delete("1001");
  expect(await client.link.get("1001")).toBeUndefined();
  expect((await collect(client.link.list())).map(({ id }) => id)).toEqual(["1002"]);
  expect(simulator.writes("link").map(({ operation, recordId }) => [operation, recordId])).toEqual([
    ["create", "1001"],
    ["create", "1002"],
    ["delete", "1001"],
  ]);
});

test("the types of a listing are those of its declaration", () => {
  type Listings = ReturnType<typeof drive<typeof listings>>;
  expectTypeOf<Listings["link"]["list"]>().returns.toEqualTypeOf<AsyncIterable<z.infer<typeof schema>>>();
  const misuse = (client: Listings): void => {
    // @ts-expect-error a filter that is not declared
    client.link.list({ filters: { colour: "red" } });
    // @ts-expect-error an order that is not declared
    client.link.list({ order: "bottom" });
    client.link.list({ order: "top", filters: { tags: ["odd"] }, pageSize: 5 });
  };
  expectTypeOf(misuse).toBeFunction();
});

test("what a listing does not declare is refused before anything is sent", async () => {
  const simulator = await start();
  const list: (query: object) => AsyncIterable<unknown> = drive(listings, simulator).link.list;
  const refusal = (field: string) => expect.objectContaining({ code: "CLIENT_INPUT_INVALID", details: { paths: [field] } });
  expect(() => list({ filters: { colour: "red" } })).toThrow(refusal("colour"));
  expect(() => list({ filters: { name: {} } })).toThrow(refusal("name"));
  expect(() => list({ order: "bottom" })).toThrow(refusal("order"));
  expect(() => list({ pageSize: 11 })).toThrow(refusal("pageSize"));
  expect(simulator.history()).toEqual([]);
});

test("a listing whose signs do not fit its answer is refused when it is declared", () => {
  const declare = (list: ListOperation) =>
    defineConnector({ ...listings, resources: { bare: { ...listings.resources.link, wrap: {}, list } } });
  expect(() => declare({ paging: { kind: "cursor", parameter: "after", next: "next" } })).toThrow("wrap.many");
  expect(() => declare({ paging: { kind: "link" }, size: { parameter: "limit", default: 20, max: 10 } })).toThrow("size.default");
});
