/**
 * What Belay runs in the tests of its telemetry: a shop whose sales are booked in a ledger, at the URL in `LEDGER_URL`.
 *
 * @module
 */
import { defineConfig, defineConnector, defineEvents, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";

export const signature = hmacSignature({ header: "x-signature" });
export const secret = new Secret("the-secret-of-the-shop");

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: signature,
    maxBytes: 10_000,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { sold: z.looseObject({ id: z.string(), amount: z.number() }), returned: z.looseObject({ id: z.string() }) },
  },
});

const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://ledger.example",
  auth: { kind: "bearer" },
  resources: {
    entry: {
      path: "/entries",
      id: "id",
      schema: z.looseObject({ id: z.string() }),
      create: {
        input: z.looseObject({ sale: z.string() }),
        safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" },
      },
    },
  },
});

const app = defineEvents({ "month.closed": z.object({ id: z.string() }) });

export default defineConfig({
  connectors: [shop, ledger],
  events: app,
  flows: [
    defineFlow({
      id: "book",
      on: shop.events.sold,
      to: ledger,
      run: async ({ event, step, target }) => {
        await step("debit", () => target.entry.create({ sale: event.id, side: "debit", buyer: event["buyer"] }));
        await step("credit", () => target.entry.create({ sale: event.id, side: "credit", buyer: event["buyer"] }));
      },
    }),
    // A mistake of its author: an engineer has to mend it.
    defineFlow({
      id: "take-back",
      on: shop.events.returned,
      to: ledger,
      run: async ({ step }) => {
        await step("reverse", async () => {});
        await step("reverse", async () => {});
      },
    }),
    defineFlow({
      id: "close",
      on: app["month.closed"],
      to: ledger,
      run: async ({ event, target }) => void (await target.entry.create({ sale: event.id })),
    }),
  ],
  connections: [
    { id: "acme-shop", tenant: "acme", connector: "shop", endpoint: "shop-of-acme-0123", webhookSecrets: [secret] },
    {
      id: "acme-ledger",
      tenant: "acme",
      connector: "ledger",
      baseUrl: process.env["LEDGER_URL"] ?? "http://127.0.0.1:9",
      credential: { token: new Secret("the-token-of-the-ledger") },
    },
  ],
});
