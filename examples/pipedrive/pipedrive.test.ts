import { Secret } from "@belay/sdk";
import { clientOf, collect, openTrial, simulate } from "@belay/testkit";
import type { SimulatorOptions } from "@belay/testkit";
import { describe, expect, it } from "vitest";
import { ordersToDeals } from "./flow.ts";
import { pipedrive } from "./index.ts";

const credential = { apiKey: new Secret("a-personal-token") };

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(pipedrive, { accounts: { acme: credential }, limits: [], ...options });
  const ask = async (path: string, request: RequestInit = {}) => {
    const response = await fetch(`${simulator.url("acme")}${path}`, { headers: { "x-api-token": "a-personal-token" }, ...request });
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) };
  };
  return { simulator, ask, client: clientOf(pipedrive, simulator, credential) };
}

describe("Pipedrive", () => {
  it("takes fields bare and answers them in data, with a related person as an object", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    const person = await client.person.create({ name: "Ada", email: [{ value: "ada@example.com", primary: true }] });
    const deal = await client.deal.create({ title: "Engine", value: 900, currency: "EUR", person_id: person.id });
    expect(deal).toMatchObject({ title: "Engine", status: "open", person_id: { value: person.id } });
    expect((await ask(`/v1/deals/${deal.id}`)).body).toMatchObject({ data: { id: deal.id } });
    expect(simulator.writes("person")[0]?.fields).toMatchObject({ name: "Ada" });
    expect(await client.deal.update(deal.id, { status: "won" })).toMatchObject({ status: "won", value: 900 });
  });

  it("lists by offset, to the flag that says there is no more, filtered and ordered", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    for (let n = 1; n <= 5; n += 1) await client.deal.create({ title: `Deal ${n}` });
    await client.deal.update(1001, { status: "lost" });
    expect(await collect(client.deal.list({ pageSize: 2 }))).toHaveLength(5);
    expect(await collect(client.deal.list({ filters: { status: "lost" } }))).toHaveLength(1);
    expect((await collect(client.deal.list({ order: "newest" }))).map(({ id }) => id)).toEqual([1005, 1004, 1003, 1002, 1001]);
    expect((await ask("/v1/deals?start=4&limit=2")).body).toMatchObject({
      additional_data: { pagination: { more_items_in_collection: false } },
    });
  });

  it("shows what was deleted for a while, which counts as none", async () => {
    const { simulator, client, ask } = await start();
    await using _ = simulator;
    const { id } = await client.person.create({ name: "Ada" });
    await client.person.delete(id);
    expect((await ask(`/v1/persons/${id}`)).body).toMatchObject({ data: { active_flag: false } });
    expect(await client.person.get(id)).toBeUndefined();
    expect(await collect(client.person.list())).toEqual([]);
  });

  it("answers an empty list by null, which is an empty list", async () => {
    const text = JSON.stringify({ success: true, data: null, additional_data: { pagination: { more_items_in_collection: false } } });
    const headers = { "content-type": "application/json" };
    const { simulator, client } = await start({ faults: [{ fault: { kind: "reply", status: 200, text, headers } }] });
    await using _ = simulator;
    expect(await collect(client.person.list())).toEqual([]);
  });

  it("words its errors as the documentation has them, and tells the limit", async () => {
    const { simulator, client, ask } = await start({ limits: pipedrive.limits });
    await using _ = simulator;
    expect(await ask("/v1/persons/9", { headers: {} })).toMatchObject({ status: 401, body: { error: "unauthorized access" } });
    expect(await ask("/v1/persons/9")).toMatchObject({ status: 404, body: { success: false, data: null } });
    expect(await ask("/v1/persons", { method: "POST", body: "{}" })).toMatchObject({ status: 400, body: { error: "Bad request" } });
    expect((await ask("/v1/persons")).headers.get("x-ratelimit-limit")).toBe("20");
    await expect(client.person.update(9, { name: "Nobody" })).rejects.toMatchObject({ code: "PIPEDRIVE_NOT_FOUND" });
  });
});

describe("orders-to-deals", () => {
  const order = { number: "4711", customer: "Acme", amount: 900 };

  it("makes a deal for an order, and wins it when the order is paid", async () => {
    let now = Date.parse("2026-03-01T12:00:00Z");
    await using trial = await openTrial(ordersToDeals, { clock: { now: () => now, wait: async (ms) => void (now += ms) } });
    await trial.run(order, { type: "order.placed" });
    const paid = { type: "order.paid", key: "paid" };
    await expect(trial.run(order, paid)).rejects.toMatchObject({ code: "ORDERS_DEAL_MISSING", retry: { afterMs: 5_000 } });
    now += 5_000;
    await trial.run(order, paid);
    const deals = trial.target.records("deal").map(({ body }) => body);
    expect(deals).toMatchObject([{ title: "Order 4711 of Acme", value: 900, status: "won" }]);
  });

  it("finds the deal whose creation was left without an answer", async () => {
    await using trial = await openTrial(ordersToDeals, {
      faults: [{ method: "POST", path: "/v1/deals", fault: { kind: "reset-after-commit" }, times: 1 }],
    });
    await trial.run(order, { type: "order.placed" });
    expect(trial.target.records("deal")).toHaveLength(1);
  });
});
