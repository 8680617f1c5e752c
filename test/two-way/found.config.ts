/**
 * As `belay.config.ts`, but the address book knows its entries by their e-mail addresses: whether a create that was sent has arrived is found out by looking for one.
 *
 * @module
 */
import { defineConfig, defineTwoWay } from "@belay/sdk";
import before, { type Contact, crm, customers, entries, findingBook, write } from "./belay.config.ts";

export default defineConfig({
  ...before,
  connectors: [crm, findingBook],
  twoWays: [defineTwoWay<Contact>({ id: "people", a: { sync: customers, write }, b: { sync: entries, write } })],
});
