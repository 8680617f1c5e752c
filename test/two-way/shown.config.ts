import { defineConfig, Secret } from "@belay/sdk";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { customers, people, users } from "../../examples/two-way/syncs.ts";

/* The two-way sync of the example, for a tenant with both sides and one that has only one of them. */

const url = (name: string): string => process.env[`TWO_WAY_${name}_URL`] ?? "http://127.0.0.1:1";
const token = new Secret("t");

export default defineConfig({
  connectors: [stripe, zendesk],
  flows: [],
  syncs: [customers, users],
  twoWays: [people],
  connections: [
    { id: "acme-stripe", tenant: "acme", connector: "stripe", baseUrl: url("STRIPE"), credential: { token } },
    {
      id: "acme-zendesk",
      tenant: "acme",
      connector: "zendesk",
      settings: { subdomain: "acme" },
      baseUrl: url("ZENDESK"),
      credential: { username: token, password: token },
    },
    { id: "globex-stripe", tenant: "globex", connector: "stripe", baseUrl: url("GLOBEX"), credential: { token } },
  ],
});
