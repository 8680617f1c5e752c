/**
 * An integration in which secrets and a person's address are wherever they can be: in headers, paths, queries, bodies, answers, results of steps, order keys and errors.
 * The ledger is at the URL in `LEDGER_URL`.
 *
 * @module
 */
import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";
import { canaries } from "./canaries.ts";

export const signature = hmacSignature({ header: "x-signature" });

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
    events: { sold: z.looseObject({ id: z.string(), buyer: z.string(), how: z.string() }) },
    references: { sold: { buyer: "buyer" } },
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
      schema: z.looseObject({ id: z.string(), buyer: z.string() }),
      get: {},
      find: { by: ["buyer"], style: { kind: "query" } },
      create: { input: z.looseObject({ buyer: z.string() }), safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } },
    },
  },
});

export default defineConfig({
  connectors: [shop, ledger],
  flows: [
    defineFlow({
      id: "book",
      on: shop.events.sold,
      to: ledger,
      orderKey: ({ buyer, how }) => `${buyer}, to ${how}`,
      run: async ({ event: { id, buyer, how }, step, target }) => {
        await step("look", () => target.entry.find({ buyer }));
        const entry = await step("book", () => target.entry.create({ buyer, sale: id, note: how, token: canaries.credential }));
        await step("read", () => target.entry.get(buyer));
        if (how === "throw")
          throw new Error(`${entry.buyer} was refused with token ${canaries.credential}, secret ${canaries.webhookSecret}`);
        if (how === "crash") {
          // Behind the run's back: the thread dies of it.
          setTimeout(() => {
            throw new Error(`nobody catches token ${canaries.credential} of ${buyer}`);
          });
          await new Promise(() => {});
        }
        if (how === "exit") {
          console.error({ buyer: "nobody" });
          process.exit(1);
        }
      },
    }),
  ],
  connections: [
    {
      id: "acme-shop",
      tenant: "acme",
      connector: "shop",
      endpoint: "shop-of-acme-0123",
      webhookSecrets: [new Secret(canaries.webhookSecret)],
    },
    {
      id: "acme-ledger",
      tenant: "acme",
      connector: "ledger",
      baseUrl: process.env["LEDGER_URL"] ?? "http://127.0.0.1:9",
      credential: { token: new Secret(canaries.credential) },
    },
  ],
});
