import { BelayError, defineEvents, defineFlow } from "@belay/sdk";
import { z } from "zod";
import { pipedrive } from "./index.ts";

const order = z.object({ number: z.string(), customer: z.string(), amount: z.number() });

/** What the host application tells of. */
export const app = defineEvents({ "order.placed": order, "order.paid": order });

/** An order is a deal, and a paid one is won. */
export const ordersToDeals = defineFlow({
  id: "orders-to-deals",
  on: [app["order.placed"], app["order.paid"]],
  to: pipedrive,
  orderKey: ({ number }) => number,
  run: async ({ event, type, target, step }) => {
    const title = `Order ${event.number} of ${event.customer}`;
    if (type === "order.placed") {
      await step("create", () => target.deal.create({ title, value: event.amount, currency: "EUR" }));
      return;
    }
    const deal = await target.deal.find({ title });
    // Paid at once, it may not be in the search yet. Another attempt is better than a second deal.
    if (deal === undefined) throw new BelayError("ORDERS_DEAL_MISSING", `There is no deal "${title}" yet.`, { retry: { afterMs: 5_000 } });
    await step("win", () => target.deal.update(deal.id, { status: "won" }));
  },
});
