/**
 * Keeps the contacts and companies of each tenant's HubSpot.
 *
 * @module
 */
import { hubspot } from "@belay/connector-hubspot";
import { defineSync } from "@belay/sdk";
import { unified } from "@belay/sdk/models";

export const contacts = defineSync({
  id: "contacts",
  source: hubspot.contact,
  target: unified.contact,
  every: "15m",
  deletes: { maxFraction: 0.05, hold: "24h" },
});

export const companies = defineSync({ id: "companies", source: hubspot.company, target: unified.account, every: "1h" });
