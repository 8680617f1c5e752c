import { Secret } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { inProcessNetwork, simulate } from "@belay/testkit";
import type { SimulatorOptions } from "@belay/testkit";
import Stripe from "stripe";
import { expect, it } from "vitest";
import { stripe } from "./index.ts";

const token = new Secret("sk_test_123");

async function start(options: Partial<SimulatorOptions> = {}) {
  const simulator = await simulate(stripe, { accounts: { v1: { token } }, listen: false, ...options });
  const connection = { id: "acme", tenant: "acme", connector: "stripe", baseUrl: simulator.url("v1"), credential: { token } };
  const client = createClient(stripe, connection, {
    network: inProcessNetwork([simulator]),
    clock: systemClock,
    random: () => 0,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
  // Stripe's library has no base path; the account's stands in front of each of its paths.
  const httpClient = Stripe.createFetchHttpClient((input: string | URL | Request, init?: RequestInit) => {
    const { pathname, search } = new URL(input instanceof Request ? input.url : input);
    return simulator.fetch(`${simulator.url("v1")}${pathname}${search}`, init);
  });
  return { simulator, client, library: new Stripe(token.reveal(), { httpClient, maxNetworkRetries: 0 }) };
}

it("customers written by the client are as Stripe's own library sees them, and the other way about", async () => {
  const { client, library } = await start();
  const ada = await client.customer.create({ email: "ada@example.com", name: "Ada & Co", metadata: { plan: "pro", seats: "3" } });
  expect(ada.id).toMatch(/^cus_\w{14}$/);
  expect(await library.customers.retrieve(ada.id)).toMatchObject({ name: "Ada & Co", metadata: { plan: "pro", seats: "3" } });
  await library.customers.update(ada.id, { name: "Ada", description: "" });
  expect(await client.customer.get(ada.id)).toMatchObject({ name: "Ada", description: null, email: "ada@example.com" });
  expect(await client.customer.find({ email: "ada@example.com" })).toMatchObject({ id: ada.id });
});

it("Stripe's own library pages through the listing, newest first, and sees what the client sees", async () => {
  const { client, library } = await start();
  for (let n = 0; n < 25; n += 1) await library.customers.create({ email: `c${n}@example.com` });
  const theirs: (string | null)[] = [];
  for await (const { email } of library.customers.list({ limit: 10 })) theirs.push(email);
  const ours: unknown[] = [];
  for await (const { email } of client.customer.list({ pageSize: 7 })) ours.push(email);
  expect(theirs).toEqual(Array.from({ length: 25 }, (_, n) => `c${24 - n}@example.com`));
  expect(ours).toEqual(theirs);
});

it("Stripe's own library knows the simulator's errors by their types", async () => {
  const { library } = await start();
  await expect(library.customers.retrieve("cus_none")).rejects.toMatchObject({
    type: "StripeInvalidRequestError",
    code: "resource_missing",
  });
  await library.customers.create({ name: "One" }, { idempotencyKey: "k-1" });
  await expect(library.customers.create({ name: "Two" }, { idempotencyKey: "k-1" })).rejects.toMatchObject({
    type: "StripeIdempotencyError",
  });
  await expect(library.customers.list({ starting_after: "cus_none" })).rejects.toMatchObject({
    param: "starting_after",
    statusCode: 400,
  });
});

it("a write that was left without an answer is sent again with the same key, and takes effect once", async () => {
  const { simulator, client } = await start({ faults: [{ method: "POST", times: 1, fault: { kind: "reset-after-commit" } }] });
  await client.customer.create({ email: "once@example.com" });
  expect(simulator.requests()).toEqual({ dropped: 1, 200: 1 });
  expect(simulator.records("customer")).toHaveLength(1);
  expect(simulator.history()[0]?.headers).toMatchObject({ "content-type": "application/x-www-form-urlencoded" });
});

it("used up limits and unknown parameters are refused in Stripe's words, which the error table knows", async () => {
  const { simulator, client } = await start({ limits: [{ requests: 1, per: "1h", retryAfter: false }] });
  await client.customer.get("cus_1");
  const [refused] = await Promise.allSettled([client.customer.get("cus_1")]);
  expect(refused).toMatchObject({ reason: { code: "STRIPE_RATE_LIMITED" } });
  expect(simulator.requests()).toMatchObject({ 404: 1 });
});
