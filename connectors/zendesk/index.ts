/**
 * Zendesk Support: tickets, users, organizations.
 *
 * Terms: *external id*, the source's id of a ticket, kept by Zendesk in `external_id` and found again by it. Zendesk does not
 * enforce that it is unique: writing through a flow with an order key per entity does.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/introduction/
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { toAccount } from "./mappings/account.ts";
import { toContact } from "./mappings/contact.ts";
import { toTicket } from "./mappings/ticket.ts";
import { organization } from "./resources/organization.ts";
import { ticket } from "./resources/ticket.ts";
import { user } from "./resources/user.ts";
import { simulator } from "./simulator.ts";

export { zendeskOAuth } from "./auth.ts";
export type { Organization } from "./resources/organization.ts";
export type { Ticket, TicketCreate, TicketUpdate } from "./resources/ticket.ts";
export type { User } from "./resources/user.ts";

/**
 * The contract of Zendesk Support. Settings: `subdomain`. Credential: `username` is `{email}/token`, `password` an API token.
 *
 * The limit is that of Suite Enterprise: 700 requests a minute and account. Team has 200, Growth and Professional 400, the
 * High Volume API add-on 2,500. Ticket updates have a limit of their own, 100 a minute (300 with the add-on), which shows only as
 * a 429 with `Retry-After`.
 *
 * @see https://developer.zendesk.com/api-reference/introduction/security-and-auth/
 * @see https://developer.zendesk.com/api-reference/introduction/rate-limits/
 */
export const zendesk = defineConnector({
  id: "zendesk",
  title: "Zendesk Support",
  baseUrl: "https://{subdomain}.zendesk.com",
  auth: {
    kind: "basic",
    fields: {
      username: {
        label: "E-mail address, followed by /token",
        help: "Such as ann@acme.example/token: the agent on whose behalf tickets are written.",
      },
      password: { label: "API token", help: "Zendesk → Admin Center → Apps and integrations → APIs → API tokens." },
    },
  },
  resources: { ticket, user, organization },
  mappings: [toTicket, toContact, toAccount],
  limits: [
    {
      requests: 700,
      per: "1m",
      headers: {
        limit: "ratelimit-limit",
        remaining: "ratelimit-remaining",
        reset: { header: "ratelimit-reset", form: "deltaSeconds" },
      },
    },
  ],
  errors,
  simulator,
});
