import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import type { Simulator } from "@belay/testkit";
import { expect, it } from "vitest";
import { z } from "zod";
import { stripe } from "./index.ts";

// What Stripe's documentation says of its listings, asked of the simulator over HTTP. docs/simulator-fidelity.md lists these tests by name.

const firstSecond = Date.UTC(2026, 2, 1) / 1_000;
const customer = z.object({ id: z.string(), email: z.string().nullable(), created: z.number() });
const pageOf = z.object({ object: z.literal("list"), url: z.string(), has_more: z.boolean(), data: z.array(customer) });

/** An account with so many customers, `c1@example.com` and so on, a second apart. */
async function start(count: number): Promise<Simulator> {
  let now = firstSecond * 1_000;
  const clock = { now: () => now, wait: async (ms: number) => void (now += ms) };
  const simulator = await simulate(stripe, { accounts: { acme: { token: new Secret("t") } }, clock });
  for (let n = 1; n <= count; n += 1) {
    const sent = { method: "POST", headers: { authorization: "Bearer t" }, body: new URLSearchParams({ email: `c${n}@example.com` }) };
    expect((await fetch(`${simulator.url("acme")}/v1/customers`, sent)).status).toBe(200);
    now += 1_000;
  }
  return simulator;
}

async function get(simulator: Simulator, query: string): Promise<Response> {
  return fetch(`${simulator.url("acme")}/v1/customers${query}`, { headers: { authorization: "Bearer t" } });
}

async function list(simulator: Simulator, query: string) {
  const page = pageOf.parse(await (await get(simulator, query)).json());
  return { ...page, ids: page.data.map(({ id }) => id), numbers: page.data.map(({ email }) => Number(/\d+/.exec(email ?? "")?.[0])) };
}

/** @see https://docs.stripe.com/api/pagination */
it("a page has 10 objects unasked and 100 at most", async () => {
  await using simulator = await start(101);
  expect((await list(simulator, "")).numbers).toHaveLength(10);
  const largest = await list(simulator, "?limit=100");
  expect([largest.numbers.length, largest.has_more]).toEqual([100, true]);
});

/** @see https://docs.stripe.com/api/pagination */
it("a page is an object list with its url, and an empty listing one without data", async () => {
  await using simulator = await start(0);
  expect(await (await get(simulator, "")).json()).toEqual({ object: "list", url: "/v1/customers", has_more: false, data: [] });
});

/** @see https://docs.stripe.com/api/pagination */
it("starting_after goes on behind an object, newest first, until has_more is false", async () => {
  await using simulator = await start(5);
  const first = await list(simulator, "?limit=2");
  const second = await list(simulator, `?limit=2&starting_after=${first.ids[1]}`);
  const third = await list(simulator, `?limit=2&starting_after=${second.ids[1]}`);
  expect([first, second, third].map(({ numbers, has_more: more }) => [numbers, more])).toEqual([
    [[5, 4], true],
    [[3, 2], true],
    [[1], false],
  ]);
});

/** @see https://docs.stripe.com/api/pagination */
it("ending_before gives the page before an object, in the same order", async () => {
  await using simulator = await start(5);
  const { ids } = await list(simulator, "");
  expect(await list(simulator, `?limit=2&ending_before=${ids[4]}`)).toMatchObject({ numbers: [3, 2], has_more: true });
  expect(await list(simulator, `?limit=2&ending_before=${ids[2]}`)).toMatchObject({ numbers: [5, 4], has_more: false });
});

/** @see https://docs.stripe.com/api/pagination */
it("starting_after and ending_before exclude each other", async () => {
  await using simulator = await start(3);
  const { ids } = await list(simulator, "");
  const refused = await get(simulator, `?starting_after=${ids[0]}&ending_before=${ids[2]}`);
  expect([refused.status, await refused.json()]).toMatchObject([400, { error: { type: "invalid_request_error" } }]);
});

/** @see https://docs.stripe.com/error-codes#resource-missing */
it("a cursor that names no object is answered by 400, resource_missing and the parameter", async () => {
  await using simulator = await start(1);
  for (const parameter of ["starting_after", "ending_before"]) {
    const refused = await get(simulator, `?${parameter}=cus_none`);
    expect([refused.status, await refused.json()]).toMatchObject([400, { error: { code: "resource_missing", param: parameter } }]);
  }
});

/** @see https://docs.stripe.com/api/customers/list#list_customers-email */
it("email keeps the customers with exactly this address, with regard to case", async () => {
  await using simulator = await start(12);
  expect((await list(simulator, "?email=c1@example.com")).numbers).toEqual([1]);
  expect((await list(simulator, "?email=C1@example.com")).numbers).toEqual([]);
});

/** @see https://docs.stripe.com/api/customers/list#list_customers-created */
it("created keeps the customers of a second, or of an interval with or without its ends", async () => {
  await using simulator = await start(5);
  const numbers = async (query: string) => (await list(simulator, query)).numbers;
  const second = (n: number) => firstSecond + n - 1;
  expect(await numbers(`?created=${second(2)}`)).toEqual([2]);
  expect(await numbers(`?created[gt]=${second(2)}&created[lt]=${second(5)}`)).toEqual([4, 3]);
  expect(await numbers(`?created[gte]=${second(2)}&created[lte]=${second(4)}`)).toEqual([4, 3, 2]);
});
