/**
 * Two two-way syncs over one side: the system of customers is to have the same people as an address book, and the same as a list.
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
    defineTwoWay<Contact>({ id: "club", a: { sync: customers, write }, b: { sync: members, write } }),
  ],
  connections,
});
