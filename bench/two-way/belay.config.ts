/**
 * What Belay runs in the benchmark of two-way syncs: two systems that are to have the same people.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, defineTwoWay, Secret } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { z } from "zod";

const person = z.object({ id: z.string(), name: z.string(), email: z.string(), updated: z.number() });
const input = person.omit({ id: true, updated: true }).partial();
const schema = z.object({ name: z.string(), email: z.string() });
type Contact = z.infer<typeof schema>;
const contact = { model: "contact", schema, matchOn: ({ email }: Contact) => [{ kind: "email", value: email }] };

function sideOf<const Id extends string>(id: Id) {
  const connector = defineConnector({
    id,
    title: id,
    baseUrl: "https://people.example",
    auth: { kind: "bearer" },
    resources: {
      person: {
        path: "/people",
        id: "id",
        schema: person,
        wrap: { many: "people" },
        list: { paging: { kind: "keyset", parameter: "after", more: "more" }, size: { parameter: "limit", default: 200, max: 200 } },
        create: { input, safety: { kind: "key", header: "idempotency-key", keptFor: "1d" } },
        get: {},
        update: { input, method: "PATCH", safety: { kind: "natural" } },
      },
    },
  });
  const sync = defineSync({
    id,
    source: connector.person,
    target: contact,
    every: "1d",
    identity: standardRules,
    version: ({ updated }) => updated,
    map: ({ name, email }): Contact => ({ name, email }),
  });
  const connection = {
    id: `acme-${id}`,
    tenant: "acme",
    connector: id,
    baseUrl: `${process.env["BENCH_PROVIDER"] ?? "http://127.0.0.1:9"}/${id}`,
    credential: { token: new Secret("bench") },
  };
  return { connector, sync, connection, side: { sync, write: (fields: Partial<Contact>) => fields } };
}

const a = sideOf("a");
const b = sideOf("b");

export default defineConfig({
  connectors: [a.connector, b.connector],
  flows: [],
  syncs: [a.sync, b.sync],
  twoWays: [defineTwoWay<Contact>({ id: "people", a: a.side, b: b.side, deletes: "none", conflict: "newest" })],
  connections: [a.connection, b.connection],
});
