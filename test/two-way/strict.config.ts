/**
 * As `belay.config.ts`, with other rules: the system of customers owns every record.
 *
 * @module
 */
import { defineConfig, defineTwoWay } from "@belay/sdk";
import before, { type Contact, customers, entries, write } from "./belay.config.ts";

export default defineConfig({
  ...before,
  twoWays: [defineTwoWay<Contact>({ id: "people", a: { sync: customers, write }, b: { sync: entries, write }, own: "a" })],
});
