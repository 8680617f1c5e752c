import { defineModel } from "./define-model.ts";
import * as field from "./field.ts";

/**
 * Something that somebody is to look after: a question of a customer, an issue.
 *
 * @see https://developers.apideck.com/apis/customer-support/reference Ticket, whose vocabulary it follows
 * @see https://developers.apideck.com/apis/issue-tracking/reference Ticket
 */
export const ticket = defineModel({
  model: "ticket",
  category: "support",
  title: "Ticket",
  fields: {
    /** The one that people read out. */
    number: field.key,
    subject: field.name,
    description: field.longText,
    status: field.choice("new", "open", "pending", "solved", "closed"),
    /** In the provider's own words. */
    providerStatus: field.key,
    priority: field.choice("low", "normal", "high", "urgent"),
    requester: field.reference,
    assignees: field.references,
    tags: field.tags,
    createdAt: field.moment,
    updatedAt: field.moment,
    closedAt: field.moment,
  },
});
