import type { Infer, Webhooks } from "@belay/sdk";
import { timestampedHmac } from "@belay/sdk/webhook";
import { z } from "zod";

// Only fields that flows use are named, and of those only what every API version since 2019 sends in the same place.

const customer = z.object({
  id: z.string(),
  object: z.literal("customer"),
  email: z.string().nullish(),
  name: z.string().nullish(),
  phone: z.string().nullish(),
  description: z.string().nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  /** Unix seconds. */
  created: z.number().int(),
});

const invoice = z.object({
  id: z.string(),
  object: z.literal("invoice"),
  /** The customer's id; null for an invoice without one. */
  customer: z.string().nullish(),
  customer_email: z.string().nullish(),
  customer_name: z.string().nullish(),
  number: z.string().nullish(),
  status: z.string().nullish(),
  /** In the smallest unit of the currency: cents for `usd`, yen for `jpy`. */
  amount_due: z.number().int(),
  amount_paid: z.number().int(),
  amount_remaining: z.number().int(),
  /** ISO 4217 in lower case. */
  currency: z.string(),
  attempt_count: z.number().int().nullish(),
  /** Unix seconds. */
  next_payment_attempt: z.number().int().nullish(),
  hosted_invoice_url: z.string().nullish(),
  created: z.number().int(),
});

const envelope = {
  /** `evt_…`; the same in every delivery of the event. */
  id: z.string(),
  /**
   * When it happened, in Unix seconds: the version for a flow's guard. Stripe promises no order of delivery, and two changes of one
   * object within a second cannot be told apart by it.
   */
  created: z.number().int(),
  livemode: z.boolean(),
  /** The connected account the event belongs to, if any. */
  account: z.string().optional(),
};

// One schema for all events of a subject, so that a flow can listen to several of them; `type` tells them apart.

const customerEvent = z.object({
  ...envelope,
  type: z.enum(["customer.created", "customer.updated", "customer.deleted"]),
  data: z.object({ object: customer }),
});

const invoiceEvent = z.object({
  ...envelope,
  type: z.enum(["invoice.paid", "invoice.payment_failed"]),
  data: z.object({ object: invoice }),
});

const customerReferences = { customer: "data.object.id", email: "data.object.email", phone: "data.object.phone" } as const;
const invoiceReferences = {
  invoice: "data.object.id",
  invoiceNumber: "data.object.number",
  customer: "data.object.customer",
  email: "data.object.customer_email",
} as const;

export type CustomerEvent = Infer<typeof customerEvent>;
export type InvoiceEvent = Infer<typeof invoiceEvent>;

/**
 * How Stripe sends webhooks. Secrets are an endpoint's `whsec_…`, used as they stand; two are valid while one is rolled.
 *
 * Stripe retries for 3 days; the same event can be sent again by hand for 15 days, and with the CLI for 30, each time
 * with a new signed time. So ids are remembered for 30 days. The bound on the body is ours: Stripe names none, and its largest
 * events (invoices embed 10 lines at most) stay far below.
 *
 * @see https://docs.stripe.com/webhooks/signature
 * @see https://docs.stripe.com/webhooks#retries
 * @see https://docs.stripe.com/webhooks/process-undelivered-events
 */
export const webhooks = {
  scheme: timestampedHmac({ header: "Stripe-Signature", version: "v1", toleranceSeconds: 300 }),
  maxBytes: 512 * 1024,
  id: { body: "id", signed: true },
  type: { body: "type" },
  redeliveredFor: "30d",
  events: {
    "customer.created": customerEvent,
    "customer.updated": customerEvent,
    "customer.deleted": customerEvent,
    "invoice.paid": invoiceEvent,
    "invoice.payment_failed": invoiceEvent,
  },
  personal: {
    "customer.created": ["data.object.email", "data.object.name", "data.object.phone"],
    "customer.updated": ["data.object.email", "data.object.name", "data.object.phone"],
    "customer.deleted": ["data.object.email", "data.object.name", "data.object.phone"],
    "invoice.paid": ["customer_email", "customer_name", "customer_phone", "customer_address"],
    "invoice.payment_failed": ["customer_email", "customer_name", "customer_phone", "customer_address"],
  },
  // Stripe says "up to three days with an exponential back off" and names neither its patience nor the steps; these are ours.
  retries: { timeout: "20s", pauses: ["5m", "30m", "2h", "5h", "10h", "10h", "12h", "12h", "12h"] },
  subjects: {
    "customer.created": { path: "data.object", resource: "customer", keys: ["id"], causedBy: { create: {} } },
    "customer.updated": { path: "data.object", resource: "customer", keys: ["id"], causedBy: { update: {} } },
    "customer.deleted": { path: "data.object", resource: "customer", keys: ["id"], causedBy: { delete: {} } },
    "invoice.paid": { path: "data.object", keys: ["id", "number"] },
    "invoice.payment_failed": { path: "data.object", keys: ["id", "number"] },
  },
  references: {
    "customer.created": customerReferences,
    "customer.updated": customerReferences,
    "customer.deleted": customerReferences,
    "invoice.paid": invoiceReferences,
    "invoice.payment_failed": invoiceReferences,
  },
  examples: {
    "customer.created": async () => (await import("./fixtures/customer-created.json", { with: { type: "json" } })).default,
    "customer.updated": async () => (await import("./fixtures/customer-updated.json", { with: { type: "json" } })).default,
    "customer.deleted": async () => (await import("./fixtures/customer-deleted.json", { with: { type: "json" } })).default,
    "invoice.paid": async () => (await import("./fixtures/invoice-paid.json", { with: { type: "json" } })).default,
    "invoice.payment_failed": async () => (await import("./fixtures/invoice-payment-failed.json", { with: { type: "json" } })).default,
  },
} as const satisfies Webhooks;
