/**
 * What Belay runs in the tests of hints: an address book at the URL in `BOOK_URL` that says by webhooks that somebody has changed.
 *
 * @module
 */
import { defineConfig, defineConnector, defineSync, Secret } from "@belay/sdk";
import { hmacSignature } from "@belay/sdk/webhook";
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
      schema: z.looseObject({ id: z.string(), name: z.string(), updated: z.number() }),
      wrap: { many: "people" },
      list: {
        paging: { kind: "keyset", parameter: "after", more: "more" },
        size: { parameter: "limit", default: 100, max: 100 },
        order: { by: "id" },
        filters: { since: { field: "updated", test: "atLeast" } },
      },
      changes: { by: { kind: "field", field: "updated", filter: "since", format: "milliseconds", lookback: "1s" }, hints: ["person"] },
    },
  },
  webhooks: {
    scheme: hmacSignature({ header: "x-signature" }),
    maxBytes: 100_000,
    type: { body: "type" },
    id: { body: "id", signed: true },
    events: { person: z.object({ id: z.string() }), weather: z.object({ id: z.string() }) },
  },
});

export default defineConfig({
  connectors: [book],
  flows: [],
  syncs: [
    defineSync({
      id: "people",
      source: book.person,
      target: { model: "contact", schema: z.object({ name: z.string() }) },
      // Whatever is seen before has been hinted at.
      every: "1d",
      map: ({ name }) => ({ name }),
    }),
  ],
  connections: ["acme"].map((tenant) => ({
    id: `${tenant}-book`,
    tenant,
    connector: "book",
    baseUrl: process.env["BOOK_URL"] ?? "http://127.0.0.1:9",
    credential: { token: new Secret("the-token-of-the-book") },
    endpoint: "book-of-acme-0123",
    webhookSecrets: [new Secret("the-secret-of-the-book")],
  })),
});
