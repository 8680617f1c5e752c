/**
 * What Belay runs in the second part of the golden tests: both systems are to have the same contacts. Parse Server tells of changes by its triggers, the address book is looked at again
 * and again.
 *
 * @module
 */
import { defineConfig, defineSync, defineTwoWay } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { unified } from "@belay/sdk/models";
import { carddav } from "@belay/connector-carddav";
import { parse } from "@belay/connector-parse";
import { connections } from "../belay/connections.ts";

const both = { target: unified.contact, identity: standardRules, every: "30s", deletes: { maxFraction: 0.2 } } as const;

const fromParse = defineSync({ ...both, id: "from-parse", source: parse.contact, version: ({ updatedAt }) => updatedAt });
const fromCarddav = defineSync({ ...both, id: "from-carddav", source: carddav.contact, version: ({ changedAt }) => changedAt });

// Radicale's reports tell no times: who was last cannot be told of cards, so Parse Server wins.
export default defineConfig({
  connectors: [parse, carddav],
  flows: [],
  syncs: [fromParse, fromCarddav],
  twoWays: [defineTwoWay({ id: "contacts", a: { sync: fromParse }, b: { sync: fromCarddav }, conflict: "a" })],
  connections,
});
