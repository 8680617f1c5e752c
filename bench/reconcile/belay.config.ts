/**
 * What Belay runs in the benchmark of reconciliation: the contacts of one connection to a simulated provider, compared field by field.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, Secret } from "@belay/sdk";
import { z } from "zod";

const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {
    contact: {
      path: "/contacts",
      id: "id",
      schema: z.object({ id: z.string(), name: z.string(), email: z.string(), revision: z.number() }),
      wrap: { many: "results" },
      list: { paging: { kind: "keyset", parameter: "after", more: "more" }, size: { parameter: "limit", default: 200, max: 200 } },
    },
  },
});

export default defineConfig({
  connectors: [crm],
  flows: [],
  syncs: [
    defineSync({
      id: "contacts",
      source: crm.contact,
      target: { model: "contact", schema: z.object({ name: z.string(), emails: z.array(z.string()) }) },
      every: "1d",
      // Damaged contents are found in what is drawn: all are, so that all have to be found.
      reconcile: { every: "30d", sample: 1 },
      version: ({ revision }) => revision,
      matchOn: ({ emails }) => emails.map((value) => ({ kind: "email", value })),
      map: ({ name, email }) => ({ name, emails: [email.toLowerCase()] }),
    }),
  ],
  connections: [
    {
      id: "acme-crm",
      tenant: "acme",
      connector: "crm",
      baseUrl: process.env["BENCH_PROVIDER"] ?? "http://127.0.0.1:9",
      credential: { token: new Secret("bench") },
    },
  ],
});
