/**
 * HubSpot CRM: contacts, companies, tickets.
 *
 * Terms: *property*, a field of a record; every value is text. *unique property*, one whose values HubSpot keeps unique and by which
 * it finds records, made once per account with `hasUniqueValue: true`.
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/guide
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { toAccount } from "./mappings/account.ts";
import { toContact } from "./mappings/contact.ts";
import { toTicket } from "./mappings/ticket.ts";
import { company } from "./resources/company.ts";
import { contact } from "./resources/contact.ts";
import { ticket } from "./resources/ticket.ts";
import { simulator } from "./simulator.ts";

export { hubspotOAuth } from "./auth.ts";
export type { Company } from "./resources/company.ts";
export type { Ticket } from "./resources/ticket.ts";
export type { Contact, ContactCreate, ContactUpdate } from "./resources/contact.ts";

/**
 * The contract of HubSpot's CRM. Credential: `token`, a private app's access token with the scopes `crm.objects.contacts.read` and
 * `crm.objects.contacts.write`; for companies and tickets `crm.objects.companies.read`, `crm.objects.companies.write` and `tickets`. The account needs two contact properties of its own: `stripe_customer_id` (text, unique) and
 * `stripe_event_created` (number).
 *
 * The limits are those of a private app on Professional: 190 requests in 10 seconds per app, 650,000 a day per account. Free and
 * Starter have 100 and 250,000, Enterprise 190 and 1,000,000.
 *
 * @see https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
export const hubspot = defineConnector({
  id: "hubspot",
  title: "HubSpot CRM",
  baseUrl: "https://api.hubapi.com",
  auth: {
    kind: "bearer",
    fields: {
      token: {
        label: "Access token of a private app",
        help: "HubSpot → Settings → Integrations → Private apps: with the scopes crm.objects.contacts.read and crm.objects.contacts.write.",
      },
    },
  },
  resources: { contact, company, ticket },
  mappings: [toContact, toAccount, toTicket],
  limits: [
    // Headers tell what remains, but not until when: without that, waiting for the whole window would cost more than a refusal.
    { requests: 190, per: "10s", counts: "sliding", retryAfter: false },
    { requests: 650_000, per: "1d", retryAfter: false },
  ],
  errors,
  simulator,
});
