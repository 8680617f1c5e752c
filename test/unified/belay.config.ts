import { defineConfig, defineSync, Secret } from "@belay/sdk";
import { carddav } from "@belay/connector-carddav";
import { hubspot } from "@belay/connector-hubspot";
import { stripe } from "@belay/connector-stripe";
import { zendesk } from "@belay/connector-zendesk";
import { unified } from "@belay/sdk/models";

/* Four providers with contacts, three of them synced; the third is only asked. */

const url = (name: string): string => process.env[`UNIFIED_${name}_URL`] ?? "http://127.0.0.1:1";
const token = new Secret("t");

export default defineConfig({
  connectors: [carddav, hubspot, stripe, zendesk],
  flows: [],
  syncs: [
    defineSync({ id: "carddav-contacts", source: carddav.contact, target: unified.contact, map: carddav.mappings[0] }),
    defineSync({ id: "hubspot-contacts", source: hubspot.contact, target: unified.contact, map: hubspot.mappings[0] }),
    defineSync({ id: "stripe-contacts", source: stripe.customer, target: unified.contact, map: stripe.mappings[0] }),
    defineSync({ id: "zendesk-contacts", source: zendesk.user, target: unified.contact, map: zendesk.mappings[1] }),
  ],
  connections: [
    { id: "acme-carddav", tenant: "acme", connector: "carddav", baseUrl: url("CARDDAV"), credential: { username: token, password: token } },
    { id: "acme-hubspot", tenant: "acme", connector: "hubspot", baseUrl: url("HUBSPOT"), credential: { token } },
    { id: "acme-stripe", tenant: "acme", connector: "stripe", baseUrl: url("STRIPE"), credential: { token } },
    {
      id: "acme-zendesk",
      tenant: "acme",
      connector: "zendesk",
      settings: { subdomain: "acme" },
      baseUrl: url("ZENDESK"),
      credential: { username: token, password: token },
    },
    { id: "globex-hubspot", tenant: "globex", connector: "hubspot", baseUrl: url("GLOBEX"), credential: { token } },
  ],
});
