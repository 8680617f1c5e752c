/**
 * Two two-way syncs over one side that knows no idempotency keys: the address book is to have the same people as the system of customers, and the same as a list.
 *
 * @module
 */
import { defineConfig, defineTwoWay } from "@belay/sdk";
import { book, type Contact, connections, crm, customers, entries, list, members, write } from "./belay.config.ts";

export default defineConfig({
  connectors: [crm, book, list],
  flows: [],
  syncs: [customers, entries, members],
  twoWays: [
    defineTwoWay<Contact>({ id: "people", a: { sync: customers, write }, b: { sync: entries, write } }),
    defineTwoWay<Contact>({ id: "club", a: { sync: members, write }, b: { sync: entries, write } }),
  ],
  connections,
});
