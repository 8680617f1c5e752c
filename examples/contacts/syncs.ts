/**
 * Keeps the contacts and companies of each tenant's HubSpot and the users of its Zendesk, and finds out which of them are one person.
 *
 * @module
 */
import { hubspot } from "@belay/connector-hubspot";
import { zendesk } from "@belay/connector-zendesk";
import { defineSync } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import { unified } from "@belay/sdk/models";

export const contacts = defineSync({
  id: "contacts",
  source: hubspot.contact,
  target: unified.contact,
  every: "15m",
  deletes: { maxFraction: 0.05, hold: "24h" },
  identity: standardRules,
});

export const users = defineSync({ id: "users", source: zendesk.user, target: unified.contact, every: "15m", identity: standardRules });

export const companies = defineSync({ id: "companies", source: hubspot.company, target: unified.account, every: "1h" });
