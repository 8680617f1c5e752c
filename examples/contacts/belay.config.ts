import { hubspot } from "@belay/connector-hubspot";
import { zendesk } from "@belay/connector-zendesk";
import { defineConfig, Secret } from "@belay/sdk";
import { companies, contacts, users } from "./syncs.ts";

export default defineConfig({
  connectors: [hubspot, zendesk],
  flows: [],
  syncs: [contacts, companies, users],
  connections: [
    {
      id: "acme-hubspot",
      tenant: "acme",
      connector: "hubspot",
      credential: { token: new Secret(process.env["HUBSPOT_TOKEN"] ?? "") },
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
