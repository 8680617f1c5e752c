/**
 * What Belay runs in the tests of two-way syncs: a system of customers at the URL in `CRM_URL` and an address book at the one in `BOOK_URL`, which are to have the same people.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, defineTwoWay, Secret, type WriteSafety } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { z } from "zod";

const person = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
  updated: z.number(),
});
const input = person.omit({ id: true, updated: true }).partial();

function connectorOf<const Id extends string>(id: Id, safety: WriteSafety) {
  return defineConnector({
    id,
    title: id,
    baseUrl: `https://${id}.example`,
    auth: { kind: "bearer" },
    resources: {
      person: {
        path: "/people",
        id: "id",
        schema: person,
        wrap: { many: "people" },
        list: { paging: { kind: "keyset", parameter: "after", more: "more" }, size: { parameter: "limit", default: 100, max: 100 } },
        find: { by: ["email"], style: { kind: "query" } },
        create: { input, safety },
        get: {},
        update: { input, method: "PATCH", safety: { kind: "natural" } },
        delete: {},
      },
    },
  });
}

export const crm = connectorOf("crm", { kind: "key", header: "idempotency-key", keptFor: "1d" });
export const book = connectorOf("book", { kind: "once" });
/** The address book where entries are found by their e-mail addresses. */
export const findingBook = connectorOf("book", { kind: "readBack", readBack: { by: "email" } });

const contact = {
  model: "contact",
  schema: z.object({ name: z.string(), email: z.string().nullable(), phone: z.string().nullable() }),
  matchOn: ({ email }: { readonly email: string | null }) => (email === null ? [] : [{ kind: "email", value: email.toLowerCase() }]),
};

export type Contact = z.infer<typeof contact.schema>;

/** Some providers tell no times, others so coarse ones that two changes have the same. */
function versionOf(updated: number): number | undefined {
  const how = process.env["TWO_WAY_VERSIONS"];
  return how === "none" ? undefined : how === "coarse" ? 1 : updated;
}

const syncOf = (id: string, source: typeof crm.person) =>
  defineSync({
    id,
    source,
    target: contact,
    every: "1h",
    deletes: { maxFraction: 1 },
    identity: standardRules,
    version: ({ updated }) => versionOf(updated),
    map: ({ name, email, phone }): Contact => ({ name, email, phone }),
  });

export const write = (fields: Partial<Contact>): Partial<Contact> => fields;
export const customers = syncOf("customers", crm.person);
export const entries = syncOf("entries", book.person);

/* What other configurations of these tests have besides. */
export const list = connectorOf("list", { kind: "once" });
export const members = syncOf("members", list.person);
export const connections = ["crm", "book", "list"].map((connector) => ({
  id: `acme-${connector}`,
  tenant: "acme",
  connector,
  baseUrl: process.env[`${connector.toUpperCase()}_URL`] ?? "http://127.0.0.1:9",
  credential: { token: new Secret("the-token-of-the-people") },
}));

export default defineConfig({
  connectors: [crm, book],
  flows: [],
  syncs: [customers, entries],
  twoWays: [
    defineTwoWay<Contact>({
      id: "people",
      a: { sync: customers, write },
      b: { sync: entries, write },
      ...(process.env["TWO_WAY_OWN"] === "a" && { own: "a" as const }),
      conflict: process.env["TWO_WAY_CONFLICT"] === "queue" ? "queue" : "newest",
    }),
  ],
  connections: connections.slice(0, 2),
});
