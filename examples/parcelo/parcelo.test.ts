import { Secret, validate } from "@belay/sdk";
import { clientOf, collect, simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { createServer } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { expect, it } from "vitest";
import { parcelo } from "./index.ts";

// The connector has no simulator section: everything below follows from the contract that the guide builds.

const apiKey = new Secret("pk_live_test");
const input = { reference: "order-1", weight_grams: 900, recipient: { name: "Ada Lovelace", city: "London" } };

const start = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> =>
  simulate(parcelo, { accounts: { acme: { apiKey } }, ...options });

it("has no simulator section", () => {
  expect(parcelo).not.toHaveProperty("simulator");
});

it("a shipment is booked, read, found, changed and filled in by the provider", async () => {
  await using simulator = await start();
  const { shipment } = clientOf(parcelo, simulator, { apiKey });
  const booked = await shipment.create(input);
  expect(booked).toMatchObject({ ...input, status: "booked", insured: false, id: expect.any(String) });
  expect(Math.abs(Date.parse(booked.created_at) - Date.now())).toBeLessThan(60_000);
  expect(await shipment.get(booked.id)).toEqual(booked);
  expect(await shipment.find({ reference: "order-1" })).toEqual(booked);
  expect(await shipment.get("none")).toBeUndefined();
  const cancelled = await shipment.update(booked.id, { status: "cancelled" });
  expect(cancelled).toMatchObject({ ...input, status: "cancelled", created_at: booked.created_at });
  expect(Date.parse(cancelled.updated_at)).toBeGreaterThanOrEqual(Date.parse(booked.updated_at));
});

it("a listing goes over several pages, newest first, narrowed by filters", async () => {
  await using simulator = await start({ limits: [] });
  const { shipment } = clientOf(parcelo, simulator, { apiKey });
  for (let n = 1; n <= 7; n += 1) await shipment.create({ ...input, reference: `order-${n}` });
  const [last] = await collect(shipment.list());
  await shipment.update(last!.id, { status: "cancelled" });
  const asked = simulator.history().length;
  const references = (await collect(shipment.list({ pageSize: 2 }))).map(({ reference }) => reference);
  expect(references).toEqual([7, 6, 5, 4, 3, 2, 1].map((n) => `order-${n}`));
  expect(simulator.history().length - asked).toBe(4);
  expect(await collect(shipment.list({ filters: { status: "cancelled" } }))).toHaveLength(1);
});

it("a booking that was left without an answer is sent again with the same key, and takes effect once", async () => {
  await using simulator = await start({ faults: [{ method: "POST", times: 1, fault: { kind: "reset-after-commit" } }] });
  expect(await clientOf(parcelo, simulator, { apiKey }).shipment.create(input)).toMatchObject({ reference: "order-1" });
  expect(simulator.writes("shipment")).toHaveLength(1);
});

it("the key, the version, the limit and the fields are judged as the provider's page says", async () => {
  await using simulator = await start({ limits: [{ ...parcelo.limits[0], requests: 5 }] });
  const ask = async (path: string, options: RequestInit = {}) => {
    const response = await fetch(`${simulator.url("acme")}${path}`, { headers: { "x-parcelo-key": "pk_live_test" }, ...options });
    return { status: response.status, headers: response.headers, code: JSON.parse(await response.text()).error?.code };
  };
  expect(await ask("/v2/shipments", { headers: {} })).toMatchObject({ status: 401, code: "invalid_key" });
  expect(await ask("/v1/shipments")).toMatchObject({ status: 410, code: "version_gone" });
  expect(await ask("/v2/shipments/none")).toMatchObject({ status: 404, code: "not_found" });
  expect(await ask("/v2/shipments", { method: "POST", body: "{}" })).toMatchObject({ status: 422, code: "invalid_field" });
  expect((await ask("/v2/shipments")).headers.get("ratelimit-remaining")).toBe("1");
  await ask("/v2/shipments");
  const refused = await ask("/v2/shipments");
  expect(refused).toMatchObject({ status: 429, code: "rate_limited" });
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
});

it("booking and changing a shipment are told by webhooks that the connector's scheme believes", async () => {
  const delivered: { readonly headers: IncomingHttpHeaders; readonly body: Buffer }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      delivered.push({ headers: request.headers, body: Buffer.concat(chunks) });
      response.writeHead(204).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/in`;
  const secret = new Secret("endpoint-secret");
  await using simulator = await start({ webhooks: { endpoints: { acme: { url, secret } } } });
  const { shipment } = clientOf(parcelo, simulator, { apiKey });
  const booked = await shipment.create(input);
  await simulator.webhooks.settled();
  await shipment.update(booked.id, { status: "cancelled" });
  await simulator.webhooks.settled();
  await new Promise((closed) => server.close(closed).closeAllConnections());

  expect(delivered.map(({ body }) => JSON.parse(body.toString()))).toMatchObject([
    { type: "shipment.booked", data: { shipment: booked } },
    { type: "shipment.changed", data: { shipment: { id: booked.id, status: "cancelled" } } },
  ]);
  for (const { headers, body } of delivered) {
    const request = { headers: headers as Record<string, string>, body };
    expect(parcelo.webhooks.scheme.verify(request, [secret], new Date())).toEqual({ ok: true });
    expect(parcelo.webhooks.scheme.verify(request, [new Secret("another")], new Date())).toMatchObject({ ok: false });
    const event = JSON.parse(body.toString());
    expect(await validate(parcelo.webhooks.events["shipment.booked"], event)).not.toHaveProperty("issues");
  }
});
