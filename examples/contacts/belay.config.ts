import { hubspot } from "@belay/connector-hubspot";
import { defineConfig, Secret } from "@belay/sdk";
import { companies, contacts } from "./syncs.ts";

export default defineConfig({
  connectors: [hubspot],
  flows: [],
  syncs: [contacts, companies],
  connections: [
    {
      id: "acme-hubspot",
      tenant: "acme",
      connector: "hubspot",
      credential: { token: new Secret(process.env["HUBSPOT_TOKEN"] ?? "") },
    },
  ],
});
