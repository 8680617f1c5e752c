import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { expect, test } from "vitest";
import { z } from "zod";
import { buildCatalog } from "../catalog/index.ts";
import { interpretEvent } from "./interpret-event.ts";

const scheme = hmacSignature({ header: "x-signature" });
const secret = new Secret("a-secret-of-the-bell");
const bell = defineConnector({
  id: "bell",
  title: "Bell",
  baseUrl: "https://bell.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme,
    maxBytes: 2_000,
    id: "digest",
    type: { body: "type" },
    events: { rang: z.object({ type: z.string(), at: z.string(), door: z.number() }) },
  },
});
const catalog = buildCatalog(
  defineConfig({
    connectors: [bell],
    flows: [defineFlow({ id: "open", on: bell.events.rang, to: bell, run: async () => {} })],
    connections: [
      {
        id: "acme-bell",
        tenant: "acme",
        connector: "bell",
        credential: { token: new Secret("t") },
        endpoint: "bell-of-acme-0123",
        webhookSecrets: [secret],
      },
    ],
  }),
);

async function keysOf(payload: object): Promise<readonly string[]> {
  const body = new TextEncoder().encode(JSON.stringify({ type: "rang", ...payload }));
  const headers = { "content-type": "application/json", ...scheme.sign(body, secret, new Date(), "") };
  const endpoint = catalog.endpoints.get("bell-of-acme-0123")!;
  const result = await interpretEvent(endpoint, { headers, body, trace: "00-1-1-00" }, new Date());
  return result.kind === "believed" ? result.event.keys : [result.kind];
}

test("an event without an id is known again by its body, and two that happened in the same second stay apart", async () => {
  const at = "2026-03-01T12:00:00Z";
  const [first, again, other] = [await keysOf({ at, door: 1 }), await keysOf({ at, door: 1 }), await keysOf({ at, door: 2 })];
  expect(first).toEqual([expect.stringMatching(/^sha256:[0-9a-f]{64}$/)]);
  expect(again).toEqual(first);
  expect(other).not.toEqual(first);
});
