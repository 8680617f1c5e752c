import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import type { Simulator } from "@belay/testkit";
import { expect, it } from "vitest";
import { z } from "zod";
import { github } from "./index.ts";

// What GitHub's documentation says of its listings, asked of the simulator over HTTP. docs/simulator-fidelity.md lists these tests by name.

const issues = "/repos/octo-org/app/issues";
const page = z.array(z.object({ number: z.number() }));

/** An account with so many open issues, an hour apart. */
async function start(count: number) {
  let now = Date.UTC(2026, 2, 1);
  const clock = { now: () => now, wait: async (ms: number) => void (now += ms) };
  const simulator = await simulate(github, { accounts: { acme: { token: new Secret("t") } }, clock });
  for (let n = 1; n <= count; n += 1) {
    await write(simulator, "POST", "", { title: `Issue ${n}`, labels: n % 2 === 0 ? ["even", "bug"] : ["bug"] });
    now += 3_600_000;
  }
  return simulator;
}

async function write(simulator: Simulator, method: string, path: string, body: object): Promise<void> {
  const sent = { method, headers: { authorization: "Bearer t" }, body: JSON.stringify(body) };
  expect((await fetch(`${simulator.url("acme")}${issues}${path}`, sent)).ok).toBe(true);
}

/** The numbers on one page, and where its links lead, by their relation. */
async function list(simulator: Simulator, query: string) {
  const url = query.startsWith("http") ? query : `${simulator.url("acme")}${issues}${query}`;
  const response = await fetch(url, { headers: { authorization: "Bearer t" } });
  const links = [...(response.headers.get("link") ?? "").matchAll(/<([^>]+)>; rel="(\w+)"/g)];
  return {
    numbers: page.parse(await response.json()).map(({ number }) => number),
    header: response.headers.get("link"),
    links: Object.fromEntries(links.map(([, target = "", relation = ""]) => [relation, target])),
  };
}

/** @see https://docs.github.com/en/rest/issues/issues#list-repository-issues */
it("a page has 30 issues unasked, as many as per_page says, and never more than 100", async () => {
  await using simulator = await start(101);
  expect((await list(simulator, "")).numbers).toHaveLength(30);
  expect((await list(simulator, "?per_page=7")).numbers).toHaveLength(7);
  expect((await list(simulator, "?per_page=500")).numbers).toHaveLength(100);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers */
it("the Link header leads to next and last, from the second page on to prev and first, and from the last to no next", async () => {
  await using simulator = await start(5);
  const first = await list(simulator, "?per_page=2");
  expect(Object.keys(first.links).toSorted()).toEqual(["last", "next"]);
  const second = await list(simulator, first.links["next"]!);
  expect(Object.keys(second.links).toSorted()).toEqual(["first", "last", "next", "prev"]);
  const last = await list(simulator, second.links["next"]!);
  expect(Object.keys(last.links).toSorted()).toEqual(["first", "prev"]);
  expect([...first.numbers, ...second.numbers, ...last.numbers]).toEqual([5, 4, 3, 2, 1]);
  expect((await list(simulator, first.links["last"]!)).numbers).toEqual([1]);
  expect((await list(simulator, last.links["first"]!)).numbers).toEqual([5, 4]);
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers */
it("a listing that fits on one page has no Link header", async () => {
  await using simulator = await start(2);
  expect((await list(simulator, "?per_page=2")).header).toBeNull();
});

/** @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api#changing-the-number-of-items-per-page */
it("links keep the page size and the filters of the request", async () => {
  await using simulator = await start(6);
  const first = await list(simulator, "?per_page=2&labels=even");
  expect(new URL(first.links["next"]!).searchParams.toString()).toBe("per_page=2&labels=even&page=2");
  expect((await list(simulator, first.links["next"]!)).numbers).toEqual([2]);
});

/** @see https://docs.github.com/en/rest/issues/issues#list-repository-issues */
it("a page beyond the last is empty", async () => {
  await using simulator = await start(2);
  expect((await list(simulator, "?page=9")).numbers).toEqual([]);
});

/** @see https://docs.github.com/en/rest/issues/issues#list-repository-issues */
it("a listing has the open issues, newest first, and closed or all ones where state says so", async () => {
  await using simulator = await start(3);
  await write(simulator, "PATCH", "/2", { state: "closed" });
  expect((await list(simulator, "")).numbers).toEqual([3, 1]);
  expect((await list(simulator, "?state=closed")).numbers).toEqual([2]);
  expect((await list(simulator, "?state=all")).numbers).toEqual([3, 2, 1]);
});

/** @see https://docs.github.com/en/rest/issues/issues#list-repository-issues */
it("a listing is in the order of sort and direction", async () => {
  await using simulator = await start(3);
  await write(simulator, "PATCH", "/1", { title: "Changed" });
  expect((await list(simulator, "?sort=created&direction=asc")).numbers).toEqual([1, 2, 3]);
  expect((await list(simulator, "?sort=updated")).numbers).toEqual([1, 3, 2]);
  expect((await list(simulator, "?sort=updated&direction=asc")).numbers).toEqual([2, 3, 1]);
});

/** @see https://docs.github.com/en/rest/issues/issues#list-repository-issues */
it("labels are separated by commas, and an issue has to have all of them", async () => {
  await using simulator = await start(4);
  expect((await list(simulator, "?labels=bug")).numbers).toEqual([4, 3, 2, 1]);
  expect((await list(simulator, "?labels=bug,even")).numbers).toEqual([4, 2]);
});

/** @see https://docs.github.com/en/rest/issues/issues#list-repository-issues */
it("since leaves out what was last updated before it", async () => {
  await using simulator = await start(3);
  await write(simulator, "PATCH", "/1", { title: "Changed" });
  expect((await list(simulator, "?since=2026-03-01T02:00:00Z")).numbers).toEqual([3, 1]);
});
