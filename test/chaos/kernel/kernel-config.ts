import { github } from "@belay/connector-github";
import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { type Config, type Connection, defineConfig, type Limit, Secret } from "@belay/sdk";
import { customersToContacts } from "../../../examples/demo/flows/customers-to-contacts.ts";
import { issuesToTickets } from "../../../examples/demo/flows/issues-to-tickets.ts";
import { baseUrlOf, credentialOf } from "./providers.ts";
import { endpointOf, secretOf } from "./source-events.ts";
import { type SourceName, type TargetName, tenantNames, type TenantName } from "./steps.ts";

/** The demo's flows for two tenants, each of whom has connected everything. */
export function makeConfig(limits: readonly Limit[] | undefined): Config {
  const webhooksFrom = (source: SourceName, tenant: TenantName): Connection => ({
    id: `${tenant}-${source}`,
    tenant,
    connector: source,
    endpoint: endpointOf(source, tenant),
    webhookSecrets: [new Secret(secretOf(source, tenant))],
  });
  const accountAt = (target: TargetName, tenant: TenantName): Connection => ({
    id: `${tenant}-${target}`,
    tenant,
    connector: target,
    ...(target === "zendesk" && { settings: { subdomain: tenant } }),
    baseUrl: baseUrlOf(target, tenant),
    credential: credentialOf(target, tenant),
    ...(limits && { limits }),
  });
  return defineConfig({
    connectors: [github, stripe, zendesk, hubspot],
    flows: [issuesToTickets, customersToContacts],
    connections: tenantNames.flatMap((tenant) => [
      webhooksFrom("github", tenant),
      webhooksFrom("stripe", tenant),
      accountAt("zendesk", tenant),
      accountAt("hubspot", tenant),
    ]),
  });
}
