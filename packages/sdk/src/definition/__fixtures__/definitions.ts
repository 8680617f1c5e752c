import { z } from "zod";
import { defineConfig } from "../../config/define-config.ts";
import { defineConnector } from "../../connector/define-connector.ts";
import { defineFlow } from "../../flow/define-flow.ts";
import { defineSync } from "../../sync/define-sync.ts";
import { Secret } from "../../secret.ts";
import { hmacSignature } from "../../webhook/index.ts";

/* Definitions that are right, and the same with something changed. */

/** Where they are made, which their errors name. */
export const definitionsFile = import.meta.filename;

export const deal = {
  path: "/deals",
  id: "id",
  schema: z.object({ id: z.string(), name: z.string() }),
  create: { input: z.object({ name: z.string() }), safety: { kind: "natural" } },
} as const;
export const valid = {
  id: "crm",
  title: "CRM",
  baseUrl: "https://{region}.crm.example",
  auth: { kind: "basic" },
  resources: { deal },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 1_000,
    id: { body: "id", signed: true },
    type: { body: "type" },
    events: { "deal.won": z.object({ id: z.string() }) },
  },
} as const;
export const crm = defineConnector(valid);
export const other = defineConnector({
  id: "other",
  title: "Other",
  baseUrl: "https://other.example",
  auth: { kind: "bearer" },
  resources: {},
});
export const validFlow = { id: "deals", on: crm.events["deal.won"], to: crm, run: async (): Promise<void> => {} };
export const flow = defineFlow(validFlow);
const listedDeal = { ...deal, list: { paging: { kind: "none" }, filters: { owner: {} } } } as const;
/** A connector whose deals can be listed. */
export const ledger = defineConnector({
  id: "ledger",
  title: "Ledger",
  baseUrl: "https://ledger.example",
  auth: { kind: "bearer" },
  resources: { deal: listedDeal },
});
const validSync = {
  id: "deals-kept",
  source: ledger.deal,
  target: { model: "deal", schema: z.object({ name: z.string() }) },
  map: ({ name }: { readonly name: string }): { name: string } => ({ name }),
};
export const sync = defineSync(validSync);
export const connection = {
  id: "acme-crm",
  tenant: "acme",
  connector: "crm",
  settings: { region: "eu" },
  credential: { username: new Secret("u"), password: new Secret("p") },
  endpoint: "0123456789abcdef",
  webhookSecrets: [new Secret("s")],
};
export const validConfig = { connectors: [crm], flows: [flow], connections: [connection] };

/** A definition that is refused when it is made. */
type Wrong = () => unknown;

/** Types would not let most of it through; people without an editor write it all the same. */
export const connectorWith =
  (changes: object): Wrong =>
  () =>
    defineConnector({ ...valid, ...changes } as never);
export const resourceWith = (changes: object): Wrong => connectorWith({ resources: { deal: { ...deal, ...changes } } });
export const flowWith =
  (changes: object): Wrong =>
  () =>
    defineFlow({ ...validFlow, ...changes });
export const syncWith =
  (changes: object): Wrong =>
  () =>
    defineSync({ ...validSync, ...changes });
export const configWith =
  (changes: object): Wrong =>
  () =>
    defineConfig({ ...validConfig, ...changes });
export const connectionWith = (changes: object): Wrong => configWith({ connections: [{ ...connection, ...changes }] });
export const without = (name: keyof typeof connection): Wrong => configWith({ connections: [{ ...connection, [name]: undefined }] });
