import { type Connection, defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, systemClock } from "@belay/sdk/http";
import { hmacSignature } from "@belay/sdk/webhook";
import { inProcessNetwork, simulate } from "@belay/testkit";
import { expect, test } from "vitest";
import { z } from "zod";
import { buildCatalog } from "../catalog/index.ts";
import type { RunRequest } from "./protocol.ts";
import { FlowRunner } from "./run-flow.ts";

const token = new Secret("t");
const note = {
  path: "/notes",
  id: "id",
  schema: z.object({ id: z.number(), text: z.string() }),
  create: { input: z.object({ text: z.string() }), safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
  get: {},
} as const;
const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  resources: { note },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_000,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { sold: z.object({ id: z.string() }) },
  },
});
const bank = defineConnector({ id: "bank", title: "Bank", baseUrl: "https://bank.example", auth: { kind: "bearer" }, resources: { note } });
const desk = defineConnector({ id: "desk", title: "Desk", baseUrl: "https://desk.example", auth: { kind: "bearer" }, resources: { note } });

const book = defineFlow({
  id: "book",
  on: shop.events.sold,
  to: bank,
  connections: { help: desk, shop },
  run: async ({ event, step, target, connections }) => {
    const told = await step("tell", () => connections.help.note.create({ text: `about ${event.id}` }));
    await step("book", () => target.note.create({ text: `${event.id}, see ${told.id}` }));
    await step("mark", () => connections.shop.note.create({ text: "booked" }));
  },
});

const request: RunRequest = {
  run: 1,
  lane: "event",
  slot: 0,
  tenant: "acme",
  flow: "book",
  target: "acme-bank",
  connection: "acme-shop",
  eventKey: "e1",
  eventType: "sold",
  payload: JSON.stringify({ id: "o-7" }),
  attempt: 1,
  suspect: false,
  firstAttemptAtMs: null,
  trace: null,
  steps: {},
};

async function start(further: readonly Connection[] = [], leaseHolds = () => true) {
  const accounts = { acme: { token } };
  const simulators = await Promise.all([shop, bank, desk].map((connector) => simulate(connector, { accounts, listen: false })));
  const connections = simulators.map((simulator, index): Connection => {
    const connector = ["shop", "bank", "desk"][index] ?? "";
    return { id: `acme-${connector}`, tenant: "acme", connector, baseUrl: simulator.url("acme"), credential: { token } };
  });
  const config = defineConfig({ connectors: [shop, bank, desk], flows: [book], connections: [...connections, ...further] });
  const runner = new FlowRunner({
    enter: (_run, code) => code(),
    config,
    ports: {
      clock: systemClock,
      random: () => 0.5,
      network: inProcessNetwork(simulators),
      breaker: createMemoryBreaker(),
      budget: createMemoryBudget(),
    },
    leaseHolds,
    recordStep: async () => {},
    runTimeoutMs: 5_000,
  });
  const texts = () => simulators.map((simulator) => simulator.writes("note").map(({ fields }) => fields["text"]));
  return { runner, simulators, texts, config };
}

test("a flow uses further connections of its tenant by the names it gave them, keyed as its target's are", async () => {
  const { runner, simulators, texts } = await start();
  expect(await runner.run(request)).toMatchObject({ kind: "delivered" });
  expect(texts()).toEqual([["booked"], ["o-7, see 1001"], ["about o-7"]]);
  const keys = simulators.flatMap((simulator) => simulator.writes("note").map(({ idempotencyKey }) => idempotencyKey));
  expect(new Set(keys).size).toBe(3);
  expect(await runner.run({ ...request, attempt: 2, suspect: true })).toMatchObject({ kind: "delivered" });
  // The providers know the keys again.
  expect(texts()).toEqual([["booked"], ["o-7, see 1001"], ["about o-7"]]);
});

test("nothing leaves for a further connection when the lease is gone", async () => {
  const { runner, texts } = await start([], () => false);
  expect(await runner.run(request)).toEqual({ run: 1, kind: "suspended" });
  expect(texts()).toEqual([[], [], []]);
});

test("a tenant that lacks one of the connections does not have the flow", async () => {
  const { config, runner } = await start();
  const routes = (connections: readonly Connection[]) => {
    const endpoint = { endpoint: "0123456789abcdef", webhookSecrets: [token] };
    const withEndpoint = connections.map((each) => (each.connector === "shop" ? { ...each, ...endpoint } : each));
    return buildCatalog({ ...config, connections: withEndpoint })
      .endpoints.get("0123456789abcdef")
      ?.routes.get("sold");
  };
  expect(routes(config.connections)).toHaveLength(1);
  expect(routes(config.connections.filter(({ connector }) => connector !== "desk"))).toBeUndefined();
  expect(await runner.run({ ...request, tenant: "globex" })).toMatchObject({ kind: "failed", code: "FLOW_UNKNOWN" });
});

test("a tenant with several connections to one connector is told which flow cannot choose", async () => {
  const second = { id: "acme-desk-2", tenant: "acme", connector: "desk", credential: { token } };
  const { runner } = await start([second]);
  expect(await runner.run(request)).toMatchObject({
    kind: "failed",
    error:
      'Flow "book", connections.help: it cannot tell which of acme-desk, acme-desk-2 is meant for tenant "acme": keep one connection to "desk" per tenant.',
  });
});
