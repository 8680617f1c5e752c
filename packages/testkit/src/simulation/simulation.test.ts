import { Secret, defineConfig, defineConnector, defineFlow } from "@belay/sdk";
import { hmacSignature, standardWebhooks } from "@belay/sdk/webhook";
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { sendEventTraffic, simulateConfig } from "./index.ts";
import type { Simulation } from "./index.ts";
import { overlayConnections } from "./overlay-connections.ts";

const envelope = { id: z.string(), type: z.string(), deal: z.object({ id: z.number(), name: z.string() }) };
const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_024,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: {
      "deal.created": z.object(envelope),
      "deal.won": z.object(envelope),
      "note.written": z.object({ id: z.string(), type: z.string() }),
    },
    subjects: {
      "deal.created": { path: "deal", keys: ["id"], causedBy: { create: {} } },
      "deal.won": { path: "deal", keys: ["id"], causedBy: { update: {} } },
    },
  },
});
const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://{region}.ledger.example",
  auth: { kind: "basic" },
  resources: { entry: { path: "/entries", id: "id", schema: z.object({ id: z.number() }), get: {} } },
});
const config = defineConfig({
  connectors: [crm, ledger],
  flows: [defineFlow({ id: "deals", on: [crm.events["deal.created"], crm.events["deal.won"]], to: ledger, run: async () => {} })],
  connections: [
    { id: "acme-crm", tenant: "acme", connector: "crm", endpoint: "chosen-by-acme-itself", webhookSecrets: [new Secret("true secret")] },
    { id: "globex-crm", tenant: "globex", connector: "crm", credential: { token: new Secret("true token") } },
    { id: "acme-ledger", tenant: "acme", connector: "ledger", settings: { region: "eu" } },
  ],
});

let simulation: Simulation | undefined;
afterEach(() => simulation?.close());

async function start(posts: { url: string; type: unknown }[] = []): Promise<Simulation> {
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    const body = (await new Request(url, init).json()) as Record<string, unknown>;
    posts.push({ url: new Request(url).url, type: body["type"] });
    return new Response(null, { status: 202 });
  };
  simulation = await simulateConfig({ configUrl: "file:///belay.config.ts", config, all: { listen: false, webhooks: { fetch } } });
  return simulation;
}

describe("the simulation of a configuration", () => {
  test("has a simulator for each connector and an account for each connection", async () => {
    const { simulators, simulator, connections } = await start();
    expect(simulators.map(({ accounts }) => accounts)).toEqual([["acme-crm", "globex-crm"], ["acme-ledger"]]);
    expect(simulator("ledger").url("acme-ledger")).toBe("http://ledger.simulated/acme-ledger");
    expect(connections.map(({ id, webhooks }) => [id, webhooks?.endpoint])).toEqual([
      ["acme-crm", "chosen-by-acme-itself"],
      ["globex-crm", expect.stringMatching(/^sim_.{20}$/)],
      ["acme-ledger", undefined],
    ]);
    expect(() => simulator("shop")).toThrow("crm, ledger");
  });

  test("gives each connection what its simulator accepts, and nothing secret of its own", async () => {
    const { connections, simulator } = await start();
    const overlaid = overlayConnections(config, connections);
    expect(overlaid.connections.map(({ id, settings }) => [id, settings])).toEqual([
      ["acme-crm", undefined],
      ["globex-crm", undefined],
      ["acme-ledger", { region: "eu" }],
    ]);
    const [acme, globex, entries] = overlaid.connections;
    expect(acme!.webhookSecrets!.map((secret) => secret.reveal())).not.toContain("true secret");
    expect(globex!.credential!["token"]!.reveal()).not.toBe("true token");
    const { username, password } = entries!.credential!;
    const authorization = `Basic ${Buffer.from(`${username!.reveal()}:${password!.reveal()}`).toString("base64")}`;
    const ask = async (headers: Record<string, string>) =>
      (await simulator("ledger").fetch(`${entries!.baseUrl}/entries/1`, { headers })).status;
    expect([await ask({ authorization }), await ask({})]).toEqual([404, 401]);
  });

  test("draws webhook secrets that are keys in every scheme", async () => {
    const { connections } = await start();
    const secret = new Secret(connections[0]!.webhooks!.secret);
    const body = Buffer.from("{}");
    const now = new Date("2026-01-01T00:00:00Z");
    const headers = standardWebhooks().sign(body, secret, now, "msg_1");
    expect(standardWebhooks().verify({ headers, body }, [secret], now)).toEqual({ ok: true });
  });
});

describe("event traffic", () => {
  test("goes to the ingest of each connection in turn, mostly of types that a flow of the tenant listens to", async () => {
    const posts: { url: string; type: unknown }[] = [];
    const running = await start(posts);
    running.deliverTo("http://belay.example");
    const waits: number[] = [];
    const ending = new AbortController();
    const clock = {
      now: () => 0,
      wait: async (ms: number) => {
        waits.push(ms);
        if (waits.length === 12) ending.abort();
      },
    };
    await sendEventTraffic({ config, simulation: running, first: 12, perMinute: 30, clock, signal: ending.signal });
    await running.simulator("crm").webhooks.settled();
    expect(posts).toHaveLength(12 + 11);
    expect(new Set(waits)).toEqual(new Set([2_000]));
    const acme = posts.filter(({ url }) => url === "http://belay.example/in/chosen-by-acme-itself").map(({ type }) => type);
    expect([acme.length, acme.filter((type) => type === "note.written").length]).toEqual([12, 2]);
    // Globex has no ledger: no flow of its own listens, so anything may happen there.
    expect(posts.filter(({ url }) => url.includes("/in/sim_"))).toHaveLength(11);
  });

  test("ends where there is nobody to send webhooks, and after the first ones where none shall follow", async () => {
    const posts: { url: string; type: unknown }[] = [];
    const running = await start(posts);
    running.deliverTo("http://belay.example");
    const { signal } = new AbortController();
    await sendEventTraffic({ config, simulation: { ...running, connections: [] }, first: 3, perMinute: 60, signal });
    await sendEventTraffic({ config, simulation: running, first: 3, perMinute: 0, signal });
    await running.simulator("crm").webhooks.settled();
    expect(posts).toHaveLength(3);
  });
});
