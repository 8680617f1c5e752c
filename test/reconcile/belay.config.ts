/**
 * What Belay runs in the tests of reconciliation: an address book at the URL in `BOOK_URL`.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, Secret } from "@belay/sdk";
import { z } from "zod";

const book = defineConnector({
  id: "book",
  title: "Address book",
  baseUrl: "https://book.example",
  auth: { kind: "bearer" },
  resources: {
    person: {
      path: "/people",
      id: "id",
      schema: z.looseObject({ id: z.string(), name: z.string(), email: z.string().optional(), updated: z.number() }),
      wrap: { many: "people" },
      list: { paging: { kind: "keyset", parameter: "after", more: "more" }, size: { parameter: "limit", default: 100, max: 100 } },
    },
  },
});

export default defineConfig({
  connectors: [book],
  flows: [],
  syncs: [
    defineSync({
      id: "people",
      source: book.person,
      target: { model: "contact", schema: z.object({ name: z.string().max(40), mail: z.string().nullable() }) },
      every: "1d",
      reconcile: { every: "30d", sample: 1 },
      deletes: { maxFraction: 0.1, hold: "1h" },
      version: ({ updated }) => updated,
      matchOn: ({ mail }) => (mail === null ? [] : [{ kind: "email", value: mail }]),
      map: ({ name, email }) => (name === "nobody" ? undefined : { name, mail: email ?? null }),
    }),
  ],
  connections: [
    {
      id: "acme-book",
      tenant: "acme",
      connector: "book",
      baseUrl: process.env["BOOK_URL"] ?? "http://127.0.0.1:9",
      credential: { token: new Secret("the-token-of-the-book") },
    },
  ],
});
