import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

const text = z.string().nullish();
/** In the smallest unit of the currency, but for a few currencies. @see https://docs.stripe.com/currencies#special-cases */
const amount = z.number().int();

/** An invoice as Stripe answers it; only fields that flows use, and of those only what every API version has in the same place. */
const record = z.object({
  id: z.string(),
  object: z.literal("invoice"),
  number: text,
  /** Null only in answers about invoices that are gone. */
  status: z.enum(["draft", "open", "paid", "uncollectible", "void"]).nullish(),
  /** ISO 4217 in lower case. */
  currency: z.string(),
  subtotal: amount,
  total: amount,
  amount_paid: amount,
  customer: text,
  customer_name: text,
  customer_email: text,
  hosted_invoice_url: text,
  lines: z
    .object({ data: z.array(z.object({ description: text, quantity: z.number().nullish(), amount, currency: z.string() })) })
    .nullish(),
  /** Unix seconds. */
  due_date: z.number().int().nullish(),
  status_transitions: z.object({ finalized_at: z.number().int().nullish() }).nullish(),
  created: z.number().int(),
  livemode: z.boolean(),
});

export type Invoice = Infer<typeof record>;

/**
 * An invoice, to be read: what makes and sends one is Stripe's billing. Of its lines the first ten are here.
 *
 * A listing holds the newest first.
 *
 * @see https://docs.stripe.com/api/invoices/object
 * @see https://docs.stripe.com/api/invoices/list
 */
export const invoice = {
  path: "/v1/invoices",
  id: "id",
  schema: record,
  wrap: { many: "data" },
  personal: ["customer_name", "customer_email"],
  get: {},
  list: {
    paging: { kind: "keyset", parameter: "starting_after", more: "has_more", back: "ending_before" },
    size: { parameter: "limit", default: 10, max: 100 },
    filters: {
      customer: {},
      status: {},
      "created[gt]": { field: "created", test: "above" },
      "created[gte]": { field: "created", test: "atLeast" },
      "created[lt]": { field: "created", test: "below" },
      "created[lte]": { field: "created", test: "atMost" },
    },
    order: { by: "created", direction: "descending", fixed: true },
  },
} as const satisfies Resource;
