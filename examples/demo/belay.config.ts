import { github } from "@belay/connector-github";
import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { defineConfig } from "@belay/sdk";
import { customersToContacts } from "./flows/customers-to-contacts.ts";
import { issuesToTickets } from "./flows/issues-to-tickets.ts";

/**
 * Three tenants and what they have connected. There is no address and no secret here, because every provider is simulated: the demo does
 * it itself, and `belay dev --simulate` does it with any configuration.
 */
export default defineConfig({
  connectors: [github, stripe, zendesk, hubspot],
  flows: [issuesToTickets, customersToContacts],
  connections: [
    { id: "acme-github", tenant: "acme", connector: "github" },
    { id: "acme-zendesk", tenant: "acme", connector: "zendesk", settings: { subdomain: "acme" } },

    { id: "globex-stripe", tenant: "globex", connector: "stripe" },
    { id: "globex-hubspot", tenant: "globex", connector: "hubspot" },

    { id: "initech-github", tenant: "initech", connector: "github" },
    { id: "initech-stripe", tenant: "initech", connector: "stripe" },
    { id: "initech-zendesk", tenant: "initech", connector: "zendesk", settings: { subdomain: "initech" } },
    { id: "initech-hubspot", tenant: "initech", connector: "hubspot" },
  ],
});
