/**
 * What Belay runs in the first part of the golden tests: the contacts of both systems, kept as unified contacts by the connectors' own mappings.
 *
 * @module
 */
import { defineConfig, defineSync } from "@belay/sdk";
import { unified } from "@belay/sdk/models";
import { carddav } from "@belay/connector-carddav";
import { parse } from "@belay/connector-parse";
import { connections } from "../belay/connections.ts";

export default defineConfig({
  connectors: [parse, carddav],
  flows: [],
  // Long apart: the test says when to walk.
  syncs: [
    defineSync({ id: "from-parse", source: parse.contact, target: unified.contact, every: "1d", version: ({ updatedAt }) => updatedAt }),
    defineSync({ id: "from-carddav", source: carddav.contact, target: unified.contact, every: "1d" }),
  ],
  connections,
});
