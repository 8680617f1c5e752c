import { defineConfig, defineConnector, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";
import { buildCatalog, type Catalog } from "../../packages/server/src/catalog/index.ts";

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://shop.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 10_000,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { "order.paid": z.object({ order: z.object({ number: z.string(), email: z.string() }) }) },
    references: { "order.paid": { order: "order.number", email: "order.email" } },
  },
});

const record = { path: "/tickets", id: "id", schema: z.object({ id: z.string() }) } as const;
const desk = defineConnector({
  id: "desk",
  title: "Desk",
  baseUrl: "https://desk.example",
  auth: { kind: "bearer" },
  resources: {
    ticket: { ...record, create: { input: z.object({ subject: z.string() }), safety: { kind: "natural" } }, knownBy: { external: "id" } },
    person: { ...record, path: "/people", create: { input: z.object({ name: z.string() }), safety: { kind: "natural" } } },
  },
});

const ordersToDesk = defineFlow({ id: "orders-to-desk", on: shop.events["order.paid"], to: desk, run: async () => {} });

/** So many tenants, each with a shop and a desk. */
export function catalogOf(tenants: number): Catalog {
  const credential = { token: new Secret("not-a-token") };
  return buildCatalog(
    defineConfig({
      connectors: [shop, desk],
      flows: [ordersToDesk],
      connections: Array.from({ length: tenants }, (_, n) => [
        { id: `tenant-${n}-shop`, tenant: `tenant-${n}`, connector: "shop" as const, credential },
        { id: `tenant-${n}-desk`, tenant: `tenant-${n}`, connector: "desk" as const, credential },
      ]).flat(),
    }),
  );
}
