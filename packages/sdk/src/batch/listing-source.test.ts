import { expect, test } from "vitest";
import { z } from "zod";
import { defineConfig } from "../config/define-config.ts";
import { defineConnector } from "../connector/define-connector.ts";
import { BelayError } from "../errors/belay-error.ts";
import type { PageReader } from "../http/client/page-reader.ts";
import type { ReadPage } from "./compile-batch.ts";
import { defineBatch } from "./define-batch.ts";
import { listing, type OpenedListing } from "./listing-source.ts";

const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {
    person: {
      path: "/people",
      id: "id",
      schema: z.object({ id: z.string(), age: z.number() }),
      wrap: { many: "people" },
      list: { paging: { kind: "cursor", parameter: "after", next: "next" } },
    },
    nothing: { path: "/nothing", id: "id", schema: z.object({ id: z.string() }), get: {} },
  },
});
const mailer = defineConnector({
  id: "mailer",
  title: "Mailer",
  baseUrl: "https://mailer.example",
  auth: { kind: "bearer" },
  resources: {},
});

/** A provider with five people, two a page. `refused`: the cursor that it does not take any more. */
function open(asked: string[], refused?: string): OpenedListing {
  const people = Array.from({ length: 5 }, (_, index) => ({ id: `p${index}`, age: index === 3 ? "old" : index }));
  const read: PageReader["read"] = (_plan, request) => {
    const after =
      /after=(\d+)/.exec(JSON.stringify(request).replaceAll('","', "="))?.[1] ??
      /"after":"(\d+)"/.exec(JSON.stringify(request))?.[1] ??
      "0";
    asked.push(after);
    if (after === refused) return Promise.reject(new BelayError("HTTP_REFUSED", "no such cursor", { details: { status: 410 } }));
    const from = Number(after);
    const records = people.slice(from, from + 2);
    const body = { people: records, ...(from + 2 < people.length && { next: String(from + 2) }) };
    return Promise.resolve({ records, answer: { ids: records.map(({ id }) => id), body, link: undefined } });
  };
  return { resource: crm.resources.person, errors: [], open: () => ({ read }) };
}

const batchOf = (seen: unknown[] = []) =>
  defineBatch({
    id: "birthdays",
    over: listing(crm.person),
    to: mailer,
    orderKey: ({ age }) => age,
    run: async ({ item }) => void seen.push(item),
  });

/** Reads the page at a cursor as whoever runs batches does. */
async function readPage(opened: OpenedListing | undefined, cursor: unknown): Promise<ReadPage> {
  const pages: ReadPage[] = [];
  const step = async (_name: string, work: () => Promise<unknown>): Promise<unknown> => {
    const result = await work();
    if (typeof result === "object") pages.push(result as ReadPage);
    return result;
  };
  const context = {
    type: "batch.read",
    event: { run: "r", page: 0, cursor, input: null },
    tenant: "acme",
    connections: { listed: opened },
    step,
  };
  await batchOf().flow.run(context as never);
  return pages[0]!;
}

test("a listing is read from where the cursor stands, each record by its id, and what does not fit its schema fails alone, in its turn", async () => {
  const asked: string[] = [];
  const items: ReadPage["items"][number][] = [];
  let cursor: unknown = null;
  for (let page = await readPage(open(asked), cursor); ; page = await readPage(open(asked), cursor)) {
    items.push(...page.items);
    if (page.next === null) break;
    // As JSON gives it back.
    cursor = JSON.parse(JSON.stringify(page.next.cursor));
  }
  expect(asked).toEqual(["0", "2", "4"]);
  expect(items.map(({ key }) => key)).toEqual(["p0", "p1", "p2", "p3", "p4"]);
  expect(items.map(({ order }) => order)).toEqual(["0", "1", "2", null, "4"]);
  const seen: unknown[] = [];
  const run = async (item: unknown): Promise<void> =>
    await batchOf(seen).flow.run({ type: "batch.item", event: { run: "r", item } } as never);
  await run(items[1]!.item);
  expect(seen).toEqual([{ id: "p1", age: 1 }]);
  await expect(run(items[3]!.item)).rejects.toMatchObject({ code: "SDK_BATCH_ITEM_MALFORMED", message: expect.stringContaining("age") });
});

test("records with an empty id are items of their own, and not one and the same", async () => {
  const records = [{ id: "" }, { id: "" }, { id: 7 }];
  const read: PageReader["read"] = () => Promise.resolve({ records, answer: { ids: ["", "", "7"], body: {}, link: undefined } });
  const { items } = await readPage({ ...open([]), open: () => ({ read }) }, null);
  expect(items.map(({ key }) => key)).toEqual([undefined, undefined, "7"]);
});

test("where the provider refuses its own cursor the listing is read from its beginning: what comes again has the same keys", async () => {
  const first = await readPage(open([]), null);
  const again = await readPage(open([], "2"), first.next?.cursor);
  expect(again.items.map(({ key }) => key)).toEqual(first.items.map(({ key }) => key));
  await expect(readPage(undefined, null)).rejects.toMatchObject({ code: "SDK_BATCH_LISTING_BROKEN" });
});

test("what is no listing is refused where it is written", () => {
  expect(() => listing(undefined as never)).not.toThrow();
  expect(() => defineBatch({ id: "b", over: listing(undefined as never), to: mailer, run: async () => {} })).toThrow(/over\.of/);
  const config = { connectors: [mailer], flows: [], connections: [], batches: [batchOf()] } as const;
  expect(() => defineConfig(config)).toThrow(/reads from this connector/);
  const unlisted = defineBatch({ id: "b", over: listing(crm.nothing), to: mailer, run: async () => {} });
  expect(() => defineConfig({ ...config, connectors: [mailer, crm], batches: [unlisted] })).toThrow(/cannot be listed/);
});
