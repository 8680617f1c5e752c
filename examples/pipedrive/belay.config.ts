import { defineConfig, Secret } from "@belay/sdk";
import { app, ordersToDeals } from "./flow.ts";
import { pipedrive } from "./index.ts";

export default defineConfig({
  connectors: [pipedrive],
  events: app,
  flows: [ordersToDeals],
  connections: [
    {
      id: "acme-pipedrive",
      tenant: "acme",
      connector: "pipedrive",
      settings: { company: "acme" },
      credential: { apiKey: new Secret(process.env["PIPEDRIVE_TOKEN"] ?? "") },
    },
  ],
});
