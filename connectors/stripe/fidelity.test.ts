import { Secret } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { inProcessNetwork, simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { expect, it } from "vitest";
import { stripe } from "./index.ts";

// What Stripe's documentation says of its API, asked of the simulator over HTTP. docs/simulator-fidelity.md lists these tests by name.

const token = new Secret("sk_test_123");
const customers = "/v1/customers";

const start = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> =>
  simulate(stripe, { accounts: { acme: { token } }, ...options });

async function ask(
  simulator: Simulator,
  method: string,
  path: string,
  form?: Record<string, string>,
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${simulator.url("acme")}${path}`, {
    method,
    headers: { authorization: "Bearer sk_test_123", ...headers },
    ...(form !== undefined && { body: new URLSearchParams(form) }),
  });
  const body = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body };
}

/** @see https://docs.stripe.com/api/authentication */
it("the secret key is a bearer token, or the user name of basic authentication", async () => {
  await using simulator = await start();
  for (const authorization of ["Bearer sk_test_123", `Basic ${btoa("sk_test_123:")}`])
    expect((await ask(simulator, "GET", customers, undefined, { authorization })).status).toBe(200);
});

/** @see https://docs.stripe.com/api/errors */
it("without a valid key every request is answered by 401", async () => {
  await using simulator = await start();
  for (const authorization of ["", "Bearer sk_test_other", `Basic ${btoa("sk_test_123")}`]) {
    const refused = await ask(simulator, "GET", customers, undefined, { authorization });
    expect(refused).toMatchObject({ status: 401, body: { error: { type: "invalid_request_error", message: expect.any(String) } } });
  }
});

/** @see https://docs.stripe.com/api/request_ids */
it("every answer has a Request-Id of its own", async () => {
  await using simulator = await start();
  const ids = [];
  for (const path of [customers, `${customers}/cus_none`]) ids.push((await ask(simulator, "GET", path)).headers.get("request-id"));
  for (const id of ids) expect(id).toMatch(/^req_\w{14}$/);
  expect(new Set(ids).size).toBe(2);
});

/** @see https://docs.stripe.com/api/customers/create */
it("a form makes a customer, answered by 200, with members of metadata in brackets", async () => {
  await using simulator = await start();
  const made = await ask(simulator, "POST", customers, { name: "Ada & Co", email: "ada@example.com", "metadata[order_id]": "6735" });
  expect(made).toMatchObject({
    status: 200,
    body: { object: "customer", name: "Ada & Co", email: "ada@example.com", metadata: { order_id: "6735" }, livemode: false, phone: null },
  });
  expect(made.body.id).toMatch(/^cus_\w+$/);
  expect(made.body.created).toBeLessThanOrEqual(Date.now() / 1_000);
});

/** @see https://docs.stripe.com/api/customers/update */
it("an update leaves what is not sent as it was", async () => {
  await using simulator = await start();
  const { id } = (await ask(simulator, "POST", customers, { name: "Ada", phone: "1", email: "a@example.com" })).body;
  const updated = await ask(simulator, "POST", `${customers}/${id}`, { name: "Grace", phone: "" });
  expect(updated.body).toMatchObject({ name: "Grace", phone: null, email: "a@example.com" });
});

/** @see https://docs.stripe.com/metadata#add-and-update-metadata */
it("metadata is merged: keys that are sent are set, others stay", async () => {
  await using simulator = await start();
  const { id } = (await ask(simulator, "POST", customers, { "metadata[plan]": "pro", "metadata[seats]": "3" })).body;
  const updated = await ask(simulator, "POST", `${customers}/${id}`, { "metadata[seats]": "4", "metadata[region]": "eu" });
  expect(updated.body.metadata).toEqual({ plan: "pro", seats: "4", region: "eu" });
});

/** @see https://docs.stripe.com/metadata#delete-metadata */
it("an empty value removes a key of metadata, and an empty metadata removes all", async () => {
  await using simulator = await start();
  const { id } = (await ask(simulator, "POST", customers, { "metadata[plan]": "pro", "metadata[seats]": "3" })).body;
  expect((await ask(simulator, "POST", `${customers}/${id}`, { "metadata[plan]": "" })).body.metadata).toEqual({ seats: "3" });
  expect((await ask(simulator, "POST", `${customers}/${id}`, { metadata: "" })).body.metadata).toEqual({});
});

/** @see https://docs.stripe.com/metadata#data */
it("metadata takes 50 keys of at most 40 characters, with values of at most 500", async () => {
  await using simulator = await start();
  const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`metadata[key_${n}]`, "x"]));
  const status = async (form: Record<string, string>) => (await ask(simulator, "POST", customers, form)).status;
  expect([await status(keys(50)), await status(keys(51))]).toEqual([200, 400]);
  expect([await status({ [`metadata[${"k".repeat(40)}]`]: "x" }), await status({ [`metadata[${"k".repeat(41)}]`]: "x" })]).toEqual([
    200, 400,
  ]);
  expect([await status({ "metadata[k]": "x".repeat(500) }), await status({ "metadata[k]": "x".repeat(501) })]).toEqual([200, 400]);
});

/** @see https://docs.stripe.com/api/customers/delete */
it("a delete is answered by the id and deleted, and a second one by 404", async () => {
  await using simulator = await start();
  const { id } = (await ask(simulator, "POST", customers, { name: "Ada" })).body;
  const deleted = await ask(simulator, "DELETE", `${customers}/${id}`);
  expect([deleted.status, deleted.body]).toEqual([200, { id, object: "customer", deleted: true }]);
  expect((await ask(simulator, "DELETE", `${customers}/${id}`)).status).toBe(404);
  expect((await ask(simulator, "POST", `${customers}/${id}`, { name: "Grace" })).status).toBe(404);
});

/** @see https://docs.stripe.com/api/customers/retrieve */
it("a deleted customer is answered by the id and deleted, is in no listing, and is none to the client", async () => {
  await using simulator = await start();
  const { id } = (await ask(simulator, "POST", customers, { name: "Ada" })).body;
  await ask(simulator, "DELETE", `${customers}/${id}`);
  const read = await ask(simulator, "GET", `${customers}/${id}`);
  expect([read.status, read.body]).toEqual([200, { id, object: "customer", deleted: true }]);
  expect((await ask(simulator, "GET", customers)).body.data).toEqual([]);
  const connection = { id: "acme", tenant: "acme", connector: "stripe", baseUrl: simulator.url("acme"), credential: { token } };
  const client = createClient(stripe, connection, {
    network: inProcessNetwork([simulator]),
    clock: systemClock,
    random: () => 0,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
  expect(await client.customer.get(id)).toBeUndefined();
  await client.customer.delete(id);
});

/** @see https://docs.stripe.com/error-codes#resource-missing */
it("an id that does not exist is answered by 404 and resource_missing", async () => {
  await using simulator = await start();
  expect(await ask(simulator, "GET", `${customers}/cus_none`)).toMatchObject({
    status: 404,
    body: { error: { type: "invalid_request_error", code: "resource_missing", message: "No such customer: 'cus_none'", param: "id" } },
  });
});

/** @see https://docs.stripe.com/error-codes#parameter-unknown */
it("a parameter that the API does not know is answered by 400 and parameter_unknown, and named", async () => {
  await using simulator = await start();
  expect(await ask(simulator, "POST", customers, { nickname: "Ada" })).toMatchObject({
    status: 400,
    body: { error: { type: "invalid_request_error", code: "parameter_unknown", param: "nickname", doc_url: expect.any(String) } },
  });
  expect(simulator.writes("customer")).toEqual([]);
});

/** @see https://docs.stripe.com/api/errors */
it("a value that is refused is answered by 400, and its parameter named as the form names it", async () => {
  await using simulator = await start();
  const refused = await ask(simulator, "POST", customers, { "metadata[plan]": "x".repeat(501) });
  expect(refused).toMatchObject({ status: 400, body: { error: { type: "invalid_request_error", param: "metadata[plan]" } } });
});

/** @see https://docs.stripe.com/rate-limits */
it("beyond the limit requests are answered by 429, and again by 200 in the next second", async () => {
  let now = Date.UTC(2026, 2, 1);
  await using simulator = await start({ clock: { now: () => now, wait: async (ms) => void (now += ms) } });
  for (let n = 0; n < 100; n += 1) expect((await ask(simulator, "GET", customers)).status).toBe(200);
  expect(await ask(simulator, "GET", customers)).toMatchObject({ status: 429, body: { error: { code: "rate_limit" } } });
  now += 1_000;
  expect((await ask(simulator, "GET", customers)).status).toBe(200);
});
