import { defineConfig, Secret } from "@belay/sdk";
import { askForDescriptions } from "./flow.ts";
import { redmine } from "./index.ts";

export default defineConfig({
  connectors: [redmine],
  flows: [askForDescriptions],
  connections: [
    {
      id: "acme-redmine",
      tenant: "acme",
      connector: "redmine",
      settings: { host: "redmine.example.com" },
      credential: { apiKey: new Secret(process.env["REDMINE_KEY"] ?? "") },
      endpoint: "redmine-of-acme-7f3c91",
      webhookSecrets: [new Secret(process.env["REDMINE_WEBHOOK_SECRET"] ?? "")],
    },
  ],
});
