/**
 * Stripe as a source of events: customers and invoices.
 *
 * Terms: *event*, Stripe's record of a change, with an id (`evt_…`), a type and the object as it was right after the change.
 *
 * @see https://docs.stripe.com/api/events/object
 * @module
 */
import { defineConnector } from "@belay/sdk";
import { webhooks } from "./webhooks.ts";

export type { CustomerEvent, InvoiceEvent } from "./webhooks.ts";

/**
 * The contract of Stripe. Events: `customer.created`, `customer.updated`, `customer.deleted`, `invoice.paid`,
 * `invoice.payment_failed`; no resources are written yet. Thin events (`v2.core.event`) are not understood.
 *
 * @see https://docs.stripe.com/api/authentication
 */
export const stripe = defineConnector({
  id: "stripe",
  title: "Stripe",
  baseUrl: "https://api.stripe.com",
  auth: { kind: "bearer" },
  resources: {},
  webhooks,
});
