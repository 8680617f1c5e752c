/**
 * What Belay runs in the benchmark of identities: the contacts of two systems, which are the same people.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, Secret } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { z } from "zod";

const baseUrl = process.env["BENCH_PROVIDER"] ?? "http://127.0.0.1:9";
const contact = { model: "contact", schema: z.object({ name: z.string().nullable(), emails: z.array(z.string()) }) };

const systems = ["crm", "desk"].map((id) => {
  const connector = defineConnector({
    id,
    title: id,
    baseUrl: "https://contacts.example",
    auth: { kind: "bearer" },
    resources: {
      contact: {
        path: "/contacts",
        id: "id",
        schema: z.object({ id: z.string(), properties: z.object({ lastname: z.string().nullable(), email: z.string().nullable() }) }),
        wrap: { many: "results" },
        list: { paging: { kind: "keyset", parameter: "after", more: "more" }, size: { parameter: "limit", default: 200, max: 200 } },
      },
    },
  });
  const sync = defineSync({
    id,
    source: connector.contact,
    target: contact,
    every: "1d",
    identity: standardRules,
    matchOn: ({ emails }) => emails.map((value) => ({ kind: "email", value })),
    map: ({ properties: { lastname, email } }) => ({ name: lastname, emails: email === null ? [] : [email.toLowerCase()] }),
  });
  const connection = { id: `acme-${id}`, tenant: "acme", connector: id, baseUrl, credential: { token: new Secret("bench") } };
  return { connector, sync, connection };
});

export default defineConfig({
  connectors: systems.map(({ connector }) => connector),
  flows: [],
  syncs: systems.map(({ sync }) => sync),
  connections: systems.map(({ connection }) => connection),
});
