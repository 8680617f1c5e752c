import { Secret } from "@belay/sdk";
import { simulate } from "@belay/testkit";
import type { Simulator, SimulatorOptions } from "@belay/testkit";
import { expect, it } from "vitest";
import { stripe } from "./index.ts";

// What Stripe's documentation says of idempotency keys, asked over HTTP. docs/simulator-fidelity.md lists these tests by name.

const start = (options: Partial<SimulatorOptions> = {}): Promise<Simulator> =>
  simulate(stripe, { accounts: { acme: { token: new Secret("t") } }, limits: [], ...options });

async function send(simulator: Simulator, key: string, form: Record<string, string>, method = "POST", path = "") {
  const response = await fetch(`${simulator.url("acme")}/v1/customers${path}`, {
    method,
    headers: { authorization: "Bearer t", "idempotency-key": key },
    ...(method === "POST" && { body: new URLSearchParams(form) }),
  });
  return { status: response.status, replayed: response.headers.get("idempotent-replayed"), body: JSON.parse(await response.text()) };
}

/** @see https://docs.stripe.com/api/idempotent_requests */
it("the same key gets the first request's status and body, and takes effect once", async () => {
  await using simulator = await start();
  const first = await send(simulator, "k-1", { name: "Ada" });
  const again = await send(simulator, "k-1", { name: "Ada" });
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect(simulator.writes("customer")).toHaveLength(1);
});

/** @see https://docs.stripe.com/error-low-level#idempotency */
it("a repeated answer has Idempotent-Replayed, the first one has not", async () => {
  await using simulator = await start();
  const replayed = [];
  for (let n = 0; n < 3; n += 1) replayed.push((await send(simulator, "k-1", { name: "Ada" })).replayed);
  expect(replayed).toEqual([null, "true", "true"]);
});

/** @see https://docs.stripe.com/api/idempotent_requests */
it("the same key with other parameters is an idempotency_error", async () => {
  await using simulator = await start();
  const { id } = (await send(simulator, "k-1", { name: "Ada" })).body;
  expect(await send(simulator, "k-1", { name: "Grace" })).toMatchObject({ status: 400, body: { error: { type: "idempotency_error" } } });
  expect((await send(simulator, "k-1", { name: "Ada" }, "POST", `/${id}`)).status).toBe(400);
  expect(simulator.writes("customer")).toHaveLength(1);
});

/** @see https://docs.stripe.com/error-codes#idempotency-key-in-use */
it("a key whose first request is still running is answered by 409 and idempotency_key_in_use", async () => {
  const waiting: (() => void)[] = [];
  const clock = { now: () => 0, wait: () => new Promise<void>((end) => void waiting.push(end)) };
  await using simulator = await start({ clock, faults: [{ fault: { kind: "slow", forMs: 50 } }] });
  const both = [send(simulator, "k-1", { name: "Ada" }), send(simulator, "k-1", { name: "Ada" })];
  while (waiting.length < 2) await new Promise((next) => setImmediate(next));
  for (const end of waiting) end();
  const [done, refused] = (await Promise.all(both)).toSorted((a, b) => a.status - b.status);
  expect(done!.status).toBe(200);
  expect(refused).toMatchObject({ status: 409, body: { error: { code: "idempotency_key_in_use" } } });
});

/** @see https://docs.stripe.com/api/idempotent_requests */
it("parameters that fail validation leave the key unused", async () => {
  await using simulator = await start();
  expect((await send(simulator, "k-1", { nickname: "Ada" })).status).toBe(400);
  expect(await send(simulator, "k-1", { name: "Ada" })).toMatchObject({ status: 200, replayed: null });
});

/** @see https://docs.stripe.com/error-low-level#content-errors */
it("a request that the limit refuses leaves the key unused", async () => {
  let now = 0;
  await using simulator = await start({ limits: stripe.limits, clock: { now: () => now, wait: async (ms) => void (now += ms) } });
  for (let n = 0; n < 100; n += 1) await send(simulator, `k-${n}`, {});
  expect((await send(simulator, "k-100", { name: "Ada" })).status).toBe(429);
  now += 1_000;
  expect(await send(simulator, "k-100", { name: "Ada" })).toMatchObject({ status: 200, replayed: null, body: { name: "Ada" } });
});

/** @see https://docs.stripe.com/api/idempotent_requests */
it("after 24 hours a key is new again", async () => {
  let now = 0;
  await using simulator = await start({ clock: { now: () => now, wait: async (ms) => void (now += ms) } });
  const first = await send(simulator, "k-1", { name: "Ada" });
  now += 86_400_000;
  const later = await send(simulator, "k-1", { name: "Ada" });
  expect([later.status, later.replayed]).toEqual([200, null]);
  expect(later.body.id).not.toBe(first.body.id);
});

/** @see https://docs.stripe.com/api/idempotent_requests */
it("a key has no effect on a delete", async () => {
  await using simulator = await start();
  const { id } = (await send(simulator, "k-1", { name: "Ada" })).body;
  expect((await send(simulator, "k-2", {}, "DELETE", `/${id}`)).status).toBe(200);
  expect(await send(simulator, "k-2", {}, "DELETE", `/${id}`)).toMatchObject({ status: 404, replayed: null });
});
