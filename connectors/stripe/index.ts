/**
 * Stripe as a source of events, and its customers and invoices as records.
 *
 * Terms: *event*, Stripe's record of a change, with an id (`evt_…`), a type and the object as it was right after the change.
 *
 * @see https://docs.stripe.com/api/events/object
 * @see https://docs.stripe.com/api/customers
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { errors } from "./errors.ts";
import { toContact } from "./mappings/contact.ts";
import { toOrder } from "./mappings/order.ts";
import { customer } from "./resources/customer.ts";
import { invoice } from "./resources/invoice.ts";
import { simulator } from "./simulator.ts";
import { webhooks } from "./webhooks.ts";

export type { Customer, CustomerUpdate, CustomerWrite } from "./resources/customer.ts";
export type { Invoice } from "./resources/invoice.ts";
export type { CustomerEvent, InvoiceEvent } from "./webhooks.ts";

/**
 * The contract of Stripe. Events: `customer.created`, `customer.updated`, `customer.deleted`, `invoice.paid`,
 * `invoice.payment_failed`; resources: `customer` and, to be read, `invoice`. Thin events (`v2.core.event`) are not understood. Credential: `token`, a secret key or
 * a restricted one that may write customers.
 *
 * The limit is that of live mode: 100 requests a second and account; a sandbox has 25. Answers say nothing of what remains.
 *
 * @see https://docs.stripe.com/api/authentication
 * @see https://docs.stripe.com/rate-limits
 * @see https://docs.stripe.com/api/versioning
 */
export const stripe = defineConnector({
  id: "stripe",
  title: "Stripe",
  baseUrl: "https://api.stripe.com",
  auth: {
    kind: "bearer",
    fields: { token: { label: "Restricted or secret key", help: "Stripe → Developers → API keys; a restricted key begins with rk_." } },
  },
  bodies: "form",
  versions: { in: { header: "Stripe-Version" }, use: "2026-10-28.endive", known: [{ version: "2026-10-28.endive" }] },
  resources: { customer, invoice },
  mappings: [toContact, toOrder],
  limits: [{ requests: 100, per: "1s", retryAfter: false }],
  errors,
  webhooks,
  simulator,
});
