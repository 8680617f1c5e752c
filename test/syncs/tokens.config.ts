/**
 * What Belay runs in the test of forgotten tokens: one address book that tells of changes by tokens, at the URL in `TOKENS_URL`.
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
      schema: z.looseObject({ id: z.string(), name: z.string() }),
      wrap: { many: "people" },
      list: { paging: { kind: "cursor", parameter: "page", next: "next" } },
      changes: { by: { kind: "token", parameter: "since", next: "token" }, tombstone: { at: "gone", is: [true] } },
    },
  },
  errors: [
    {
      status: 403,
      contains: "token-forgotten",
      code: "BOOK_TOKEN_FORGOTTEN",
      class: "record-refused",
      retry: "never",
      meaning: "The book has forgotten the token.",
      answers: ["cursor-expired"],
    },
  ],
});

export default defineConfig({
  connectors: [book],
  flows: [],
  syncs: [
    defineSync({
      id: "people",
      source: book.person,
      target: { model: "contact", schema: z.object({ name: z.string() }) },
      every: "1h",
      map: ({ name }) => ({ name }),
    }),
  ],
  connections: [
    {
      id: "acme-book",
      tenant: "acme",
      connector: "book",
      baseUrl: process.env["TOKENS_URL"] ?? "http://127.0.0.1:9",
      credential: { token: new Secret("the-token-of-the-book") },
    },
  ],
});
