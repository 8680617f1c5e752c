import { defineModel } from "./define-model.ts";
import * as field from "./field.ts";

/**
 * What a customer bought, or is asked to pay for.
 *
 * @see https://developers.apideck.com/apis/ecommerce/reference Order, whose vocabulary it follows
 * @see https://schema.org/Order
 */
export const order = defineModel({
  model: "order",
  category: "commerce",
  title: "Order",
  fields: {
    /** The one that people read out: `INV-0042`. */
    number: field.key,
    status: field.choice("draft", "open", "completed", "cancelled"),
    payment: field.choice("unpaid", "partly-paid", "paid", "refunded", "written-off"),
    /** ISO 4217. */
    currency: field.key,
    /** Before taxes. */
    subtotal: field.money,
    /** With everything. */
    total: field.money,
    paid: field.money,
    customer: field.reference,
    lines: field.lines,
    /** When it was placed, or sent to the customer. */
    placedAt: field.moment,
    dueAt: field.moment,
    createdAt: field.moment,
    updatedAt: field.moment,
  },
});
