import { defineMapping, unified } from "@belay/sdk/models";
import { invoice } from "../resources/invoice.ts";

/** Counted in hundredths by Stripe, though ISO 4217 has none. */
const inHundredths = new Set(["ISK", "UGX"]);
/** Counted in whole units by Stripe, though ISO 4217 has hundredths. */
const inWhole = new Set(["MGA"]);

/**
 * An amount as Stripe counts it.
 *
 * @see https://docs.stripe.com/currencies#zero-decimal
 * @see https://docs.stripe.com/currencies#special-cases
 */
function money(counted: number, currency: string) {
  const code = currency.toUpperCase();
  if (inHundredths.has(code)) return { minor: counted / 100, currency };
  return { minor: inWhole.has(code) ? counted * 100 : counted, currency };
}

const statuses = { draft: "draft", open: "open", paid: "completed", uncollectible: "open", void: "cancelled" } as const;

const fromSeconds = (seconds: number | null | undefined): Date | null => (typeof seconds === "number" ? new Date(seconds * 1_000) : null);

/**
 * Stripe's invoices as orders.
 *
 * @see https://docs.stripe.com/invoicing/overview#workflow-overview statuses
 */
export const toOrder = defineMapping(
  invoice,
  unified.order,
)({
  resource: "invoice",
  version: "1",
  url: ({ id, livemode }) => `https://dashboard.stripe.com/${livemode ? "" : "test/"}invoices/${id}`,
  fields: {
    number: "number",
    status: { from: "status", read: ({ status }) => (status === null || status === undefined ? null : statuses[status]) },
    payment: {
      from: ["status", "amount_paid", "total"],
      read: ({ status, amount_paid: paid, total }) => {
        if (status === "paid") return "paid";
        if (status === "uncollectible") return "written-off";
        return paid > 0 && paid < total ? "partly-paid" : "unpaid";
      },
    },
    currency: { from: "currency", read: ({ currency }) => currency.toUpperCase() },
    subtotal: { from: ["subtotal", "currency"], read: ({ subtotal, currency }) => money(subtotal, currency) },
    total: { from: ["total", "currency"], read: ({ total, currency }) => money(total, currency) },
    paid: { from: ["amount_paid", "currency"], read: ({ amount_paid: paid, currency }) => money(paid, currency) },
    customer: {
      from: ["customer", "customer_name", "customer_email"],
      read: ({ customer, customer_name: name, customer_email: email }) => ({ externalId: customer, name, email }),
    },
    lines: {
      from: "lines",
      read: ({ lines }) =>
        (lines?.data ?? []).map(({ description, quantity, amount, currency }) => ({
          name: description,
          quantity,
          total: money(amount, currency),
        })),
    },
    placedAt: {
      from: "status_transitions.finalized_at",
      read: ({ status_transitions: when }) => fromSeconds(when?.finalized_at),
    },
    dueAt: { from: "due_date", read: ({ due_date: due }) => fromSeconds(due) },
    createdAt: { from: "created", read: ({ created }) => fromSeconds(created) },
  },
});
