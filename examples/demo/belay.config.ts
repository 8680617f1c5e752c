import { github } from "@belay/connector-github";
import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { Secret, defineConfig } from "@belay/sdk";
import type { Connection } from "@belay/sdk";
import { setting } from "./environment.ts";
import { customersToContacts } from "./flows/customers-to-contacts.ts";
import { issuesToTickets } from "./flows/issues-to-tickets.ts";

export default defineConfig({
  connectors: [github, stripe, zendesk, hubspot],
  flows: [issuesToTickets, customersToContacts],
  connections: [
    webhooksFrom("acme", "github"),
    zendeskOf("acme"),

    webhooksFrom("globex", "stripe"),
    hubspotOf("globex"),

    webhooksFrom("initech", "github"),
    webhooksFrom("initech", "stripe"),
    zendeskOf("initech"),
    hubspotOf("initech"),
  ],
});

/** A provider that sends its webhooks to `/in/{endpoint}`. */
function webhooksFrom(tenant: string, connector: "github" | "stripe"): Connection {
  return {
    id: `${tenant}-${connector}`,
    tenant,
    connector,
    endpoint: setting(tenant, connector, "ENDPOINT"),
    webhookSecrets: [new Secret(setting(tenant, connector, "SECRET"))],
  };
}

function zendeskOf(tenant: string): Connection {
  return {
    id: `${tenant}-zendesk`,
    tenant,
    connector: "zendesk",
    settings: { subdomain: tenant },
    baseUrl: setting(tenant, "zendesk", "URL"),
    credential: { username: new Secret(`agent@${tenant}.example/token`), password: new Secret(setting(tenant, "zendesk", "TOKEN")) },
  };
}

function hubspotOf(tenant: string): Connection {
  return {
    id: `${tenant}-hubspot`,
    tenant,
    connector: "hubspot",
    baseUrl: setting(tenant, "hubspot", "URL"),
    credential: { token: new Secret(setting(tenant, "hubspot", "TOKEN")) },
  };
}
