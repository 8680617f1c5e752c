import { createServer } from "node:http";
import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import Stripe from "stripe";
import { expect, it } from "vitest";
import { stripe } from "./index.ts";

// What Stripe's documentation says of its webhooks, seen by a server that gets them over HTTP. docs/simulator-fidelity.md lists these tests.

const secret = "whsec_s3cret";

interface Delivered {
  readonly signature: string;
  readonly body: string;
}

/** A simulated Stripe and the server that its webhooks go to, which answers with `status`. */
async function start(status: () => number = () => 200, options: Partial<SimulatorOptions> = {}) {
  const delivered: Delivered[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      delivered.push({ signature: String(request.headers["stripe-signature"]), body: Buffer.concat(chunks).toString() });
      response.writeHead(status()).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/in`;
  const simulator = await simulate(stripe, {
    accounts: { acme: { token: new Secret("t") } },
    webhooks: { endpoints: { acme: { url, secret: new Secret(secret) } } },
    ...options,
  });
  const close = async (): Promise<void> => {
    await simulator.close();
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  return { simulator, delivered, [Symbol.asyncDispose]: close };
}

async function write(simulator: Simulator, method: string, path: string, form: Record<string, string>) {
  const sent = { method, headers: { authorization: "Bearer t" }, ...(method === "POST" && { body: new URLSearchParams(form) }) };
  const body = JSON.parse(await (await fetch(`${simulator.url("acme")}/v1/customers${path}`, sent)).text());
  await simulator.webhooks.settled();
  return body;
}

/** @see https://docs.stripe.com/webhooks/signature */
it("a delivery is signed with its time, as the library verifies it with the endpoint's secret and no other", async () => {
  await using run = await start();
  for (const type of Object.keys(stripe.events)) await run.simulator.webhooks.send("acme", type);
  await run.simulator.webhooks.settled();
  expect(run.delivered).toHaveLength(5);
  for (const { signature, body } of run.delivered) {
    expect(signature).toMatch(/^t=\d{10},v1=[0-9a-f]{64}$/);
    expect(Stripe.webhooks.constructEvent(body, signature, secret).id).toBe(JSON.parse(body).id);
    expect(() => Stripe.webhooks.constructEvent(`${body} `, signature, secret)).toThrow("signature");
    expect(() => Stripe.webhooks.constructEvent(body, signature, "whsec_other")).toThrow("signature");
  }
});

/** @see https://docs.stripe.com/webhooks/signature#replay-attacks */
it("each attempt is signed anew for its time, with the same event", async () => {
  let now = Date.UTC(2026, 2, 1);
  let left = 2;
  const clock = { now: () => now, wait: async (ms: number, signal?: AbortSignal) => (signal === undefined ? undefined : await pass(ms)) };
  const due: (() => void)[] = [];
  const pass = (ms: number): Promise<void> =>
    ms < 60_000 ? new Promise(() => {}) : new Promise((end) => void due.push(() => ((now += ms), end())));
  await using run = await start(() => ((left -= 1) >= 0 ? 500 : 200), { clock });
  await run.simulator.webhooks.send("acme", "customer.created");
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    await run.simulator.webhooks.settled();
    while (run.delivered.length < attempt) await new Promise((next) => setImmediate(next));
    await run.simulator.webhooks.settled();
    due.splice(0).forEach((end) => end());
  }
  const times = run.delivered.map(({ signature }) => Number(/t=(\d+)/.exec(signature)?.[1]));
  expect(times).toHaveLength(3);
  expect(new Set(times).size).toBe(3);
  expect(new Set(run.delivered.map(({ body }) => body)).size).toBe(1);
});

/** @see https://docs.stripe.com/api/events/object */
it("an event has the members that the documentation lists", async () => {
  await using run = await start();
  for (const type of Object.keys(stripe.events)) await run.simulator.webhooks.send("acme", type);
  await run.simulator.webhooks.settled();
  for (const { body } of run.delivered) {
    const event = JSON.parse(body);
    const members = ["api_version", "created", "data", "id", "livemode", "object", "pending_webhooks", "request", "type"];
    expect(Object.keys(event).toSorted()).toEqual(members);
    expect(event).toMatchObject({
      object: "event",
      id: expect.stringMatching(/^evt_\w+$/),
      data: { object: { object: expect.any(String) } },
    });
  }
});

/** @see https://docs.stripe.com/api/events/types#event_types-customer.created */
it("creating and deleting a customer are told with the whole customer", async () => {
  await using run = await start();
  const { id } = await write(run.simulator, "POST", "", { name: "Ada", "metadata[plan]": "pro" });
  await write(run.simulator, "DELETE", `/${id}`, {});
  expect(run.delivered.map(({ body }) => JSON.parse(body))).toMatchObject([
    { type: "customer.created", data: { object: { id, object: "customer", name: "Ada", metadata: { plan: "pro" } } } },
    { type: "customer.deleted", data: { object: { id, object: "customer", name: "Ada" } } },
  ]);
});

/** @see https://docs.stripe.com/api/events/object#event_object-data-previous_attributes */
it("an update is told with the values that were before, of what changed and nothing else", async () => {
  await using run = await start();
  const { id } = await write(run.simulator, "POST", "", { name: "Ada", "metadata[plan]": "pro", "metadata[seats]": "3" });
  await write(run.simulator, "POST", `/${id}`, { name: "Grace", "metadata[seats]": "4", "metadata[region]": "eu" });
  await write(run.simulator, "POST", `/${id}`, { email: "grace@example.com" });
  expect(run.delivered.slice(1).map(({ body }) => JSON.parse(body).data.previous_attributes)).toEqual([
    { name: "Ada", metadata: { seats: "3", region: null } },
    { email: null },
  ]);
  expect(JSON.parse(run.delivered[1]!.body).data.object.metadata).toEqual({ plan: "pro", seats: "4", region: "eu" });
});

/** @see https://docs.stripe.com/webhooks#retries */
it("an event that was acknowledged is not sent again, and a resent one has the same id", async () => {
  await using run = await start();
  const { id } = await run.simulator.webhooks.send("acme", "invoice.paid");
  await run.simulator.webhooks.settled();
  await run.simulator.webhooks.redeliver(id);
  expect(run.delivered.map(({ body }) => JSON.parse(body).id)).toEqual([id, id]);
  expect(run.simulator.webhooks.deliveries().map(({ state }) => state)).toEqual(["acknowledged"]);
});
