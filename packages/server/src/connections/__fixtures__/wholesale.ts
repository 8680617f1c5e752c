import { type Connection, defineConfig, defineConnector, defineEvents, defineFlow, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
import { z } from "zod";
import { buildCatalog, CatalogInForce } from "../../catalog/index.ts";

const scheme = hmacSignature({ header: "x-signature" });

const shop = defineConnector({
  id: "shop",
  title: "Shop",
  baseUrl: "https://{name}.shop.example",
  auth: { kind: "bearer" },
  resources: {},
  webhooks: { scheme, maxBytes: 10_000, id: { body: "id", signed: true }, type: { body: "type" }, events: { sold: z.looseObject({}) } },
});

const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://ledger.example",
  auth: { kind: "bearer" },
  resources: {},
});

const app = defineEvents({ "order.placed": z.looseObject({}) });

const config = defineConfig({
  connectors: [shop, ledger],
  events: app,
  flows: [
    defineFlow({ id: "book", on: shop.events.sold, to: ledger, run: async () => {} }),
    defineFlow({ id: "place", on: app["order.placed"], to: ledger, run: async () => {} }),
  ],
  connections: [
    { id: "acme-ledger", tenant: "acme", connector: "ledger", credential: { token: new Secret("t") } },
    { id: "acme-shop", tenant: "acme", connector: "shop", settings: { name: "acme" } },
  ],
});

/** Shops whose sales are booked in ledgers; tenant acme has both. */
export function openCatalog(): CatalogInForce {
  return new CatalogInForce(buildCatalog(config));
}

export function shopOf(tenant: string, id: string): Connection {
  return { id, tenant, connector: "shop", settings: { name: tenant }, endpoint: `endpoint-of-${id}` };
}

export function ledgerOf(tenant: string, id: string): Connection {
  return { id, tenant, connector: "ledger", settings: {} };
}

/** Whether a delivery that is signed with `secret` is believed. */
export async function believes(catalog: CatalogInForce, endpoint: string, secret: string): Promise<boolean> {
  const body = Buffer.from("{}");
  const now = new Date();
  const secrets = (await catalog.endpoints.get(endpoint)?.webhookSecrets()) ?? [];
  return scheme.verify({ body, headers: scheme.sign(body, new Secret(secret), now, "") }, secrets, now).ok;
}
