import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { defineConfig, Secret } from "@belay/sdk";
import { customers, people, users } from "./syncs.ts";

export default defineConfig({
  connectors: [stripe, zendesk],
  flows: [],
  syncs: [customers, users],
  twoWays: [people],
  connections: [
    {
      id: "acme-stripe",
      tenant: "acme",
      connector: "stripe",
      credential: { token: new Secret(process.env["STRIPE_KEY"] ?? "") },
    },
    {
      id: "acme-zendesk",
      tenant: "acme",
      connector: "zendesk",
      settings: { subdomain: "acme" },
      credential: { username: new Secret(process.env["ZENDESK_USER"] ?? ""), password: new Secret(process.env["ZENDESK_TOKEN"] ?? "") },
    },
  ],
});
