import { describe, expect, test } from "vitest";
import { z } from "zod";
import { connectionTo, testPorts } from "../__fixtures__/desk.ts";
import { json, startProvider } from "../__fixtures__/local-provider.ts";
import type { Answer } from "../__fixtures__/local-provider.ts";
import { defineConnector } from "../../connector/define-connector.ts";
import { createClient } from "./create-client.ts";

const shared = { id: "id", schema: z.object({ id: z.number() }), wrap: { many: "items" } } as const;
const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: { kind: "bearer" },
  resources: {
    link: { ...shared, path: "/link", list: { paging: { kind: "link" } } },
    cursor: { ...shared, path: "/cursor", list: { paging: { kind: "cursor", parameter: "after", next: "next" } } },
    flagged: { ...shared, path: "/flagged", list: { paging: { kind: "cursor", parameter: "after", next: "next", more: "more" } } },
    keyset: { ...shared, path: "/keyset", list: { paging: { kind: "keyset", parameter: "starting_after", more: "more" } } },
    page: {
      ...shared,
      path: "/page",
      list: { paging: { kind: "page", parameter: "page", end: { total: "total" } }, query: { archived: "false" } },
    },
    search: {
      ...shared,
      path: "/search",
      query: { fields: "all" },
      list: {
        paging: { kind: "cursor", parameter: "after", next: "next" },
        size: { parameter: "limit", default: 10, max: 50 },
        filters: { "groups.0.filters.0.value": { field: "changed", test: "atLeast" } },
        body: { groups: [{ filters: [{ field: "changed", operator: "GTE" }] }], limit: 0 },
      },
    },
    placed: { ...shared, path: "/repos/{owner}/{repo}/things", list: { paging: { kind: "link" } } },
  },
});

async function start(answer: Answer) {
  const provider = await startProvider(answer);
  const ports = testPorts();
  return {
    provider,
    client: createClient(desk, connectionTo(provider.url), ports),
    async [Symbol.asyncDispose](): Promise<void> {
      await ports[Symbol.asyncDispose]();
      await provider[Symbol.asyncDispose]();
    },
  };
}

async function ids(records: AsyncIterable<{ readonly id: number }>): Promise<number[]> {
  const all: number[] = [];
  for await (const { id } of records) all.push(id);
  return all;
}

const items = (...numbers: number[]): { id: number }[] => numbers.map((id) => ({ id }));

describe("a listing", () => {
  test("follows links, absolute or relative, whatever else the header holds", async () => {
    await using setup = await start(({ url, headers }, response) => {
      const next: Record<string, string> = {
        "/link": `<http://${headers.host}/link?p=0>; rel="prev", <http://${headers.host}/link?a=1,2&p=2>; title="a, \\"b\\" <c>"; REL="last Next"`,
        "/link?a=1,2&p=2": "</link?p=3>;rel=next",
      };
      json(response, 200, { items: items(url.length) }, next[url] === undefined ? {} : { link: next[url] });
    });
    expect(await ids(setup.client.link.list())).toEqual([5, 15, 9]);
  });

  test("does not end at an empty or a short page", async () => {
    const pages = [items(1, 2), [], items(3), []];
    await using setup = await start((_received, response) => {
      const page = setup.provider.received.length;
      json(response, 200, { items: pages[page - 1], ...(page < 4 && { next: `c${page}` }) });
    });
    expect(await ids(setup.client.cursor.list())).toEqual([1, 2, 3]);
    expect(setup.provider.received.map(({ url }) => url)).toEqual(["/cursor", "/cursor?after=c1", "/cursor?after=c2", "/cursor?after=c3"]);
  });

  test.each(["http://localhost:1/link", "https://evil.example/link", "//evil.example/link", "javascript:alert(1)"])(
    "does not carry the credential to another origin: %s",
    async (target) => {
      await using setup = await start((_received, response) =>
        json(response, 200, { items: items(1) }, { link: `<${target}>; rel="next"` }),
      );
      const seen: number[] = [];
      const walk = async (): Promise<void> => {
        for await (const { id } of setup.client.link.list()) seen.push(id);
      };
      await expect(walk()).rejects.toMatchObject({ code: "CLIENT_NEXT_LINK_FORBIDDEN" });
      expect([seen, setup.provider.received.length]).toEqual([[1], 1]);
    },
  );

  test.each([
    ["a cursor that comes again", "cursor", { items: items(1), next: "c1" }],
    ["a page that comes again", "page", { items: items(1, 2), total: 9 }],
    ["a promise of more after an empty page", "keyset", { items: [], more: true }],
  ] as const)("stops at %s", async (_what, name, body) => {
    await using setup = await start((_received, response) => json(response, 200, body));
    await expect(ids(setup.client[name].list())).rejects.toMatchObject({ code: "CLIENT_PAGING_STUCK", retry: "backoff" });
    expect(setup.provider.received.length).toBeLessThanOrEqual(2);
  });

  test.each([
    ["flagged", "more"],
    ["keyset", "more"],
    ["page", "total"],
  ] as const)("by %s takes an answer without the sign of the end for contract drift, not for the end", async (name, path) => {
    await using setup = await start((_received, response) => json(response, 200, { items: items(1) }));
    await expect(ids(setup.client[name].list())).rejects.toMatchObject({ code: "CLIENT_RESPONSE_INVALID", details: { paths: [path] } });
  });

  test("does not believe a total that its full pages belie", async () => {
    const pages = [items(1, 2), items(3, 4), items(5, 6), items(7)];
    await using setup = await start((_received, response) =>
      json(response, 200, { items: pages[setup.provider.received.length - 1] ?? [], total: 3 }),
    );
    // The first page is neither known to be full nor at the total; from then on each full page promises another.
    expect(await ids(setup.client.page.list())).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(setup.provider.received[1]?.url).toBe("/page?archived=false&page=2");
  });

  test("that is a search is asked for by a POST, with parameters, page size and cursor in its body", async () => {
    await using setup = await start((_received, response) =>
      json(response, 200, { items: items(setup.provider.received.length), ...(setup.provider.received.length < 2 && { next: "c1" }) }),
    );
    expect(await ids(setup.client.search.list({ filters: { "groups.0.filters.0.value": 7 }, pageSize: 20 }))).toEqual([1, 2]);
    const groups = [{ filters: [{ field: "changed", operator: "GTE", value: "7" }] }];
    expect(setup.provider.received.map(({ method, url, body }) => [method, url, JSON.parse(body)])).toEqual([
      ["POST", "/search", { groups, limit: 20 }],
      ["POST", "/search", { groups, limit: 20, after: "c1" }],
    ]);
  });

  test("of records that live in a place names the place", async () => {
    await using setup = await start((_received, response) => json(response, 200, { items: items(1) }));
    const { placed } = setup.client;
    expect(await ids(placed.in({ owner: "a/b", repo: "c" }).list())).toEqual([1]);
    expect(setup.provider.received[0]?.url).toBe("/repos/a%2Fb/c/things");
    expect(() => placed.in({ owner: "..", repo: "c" })).toThrow(expect.objectContaining({ code: "CLIENT_INPUT_INVALID" }));
    // @ts-expect-error without a place there is nothing to list
    void placed.list;
  });
});
