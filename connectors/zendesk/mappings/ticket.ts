import { defineMapping, unified } from "@belay/sdk/models";
import { ticket } from "../resources/ticket.ts";

const statuses = { new: "new", open: "open", pending: "pending", hold: "pending", solved: "solved", closed: "closed" } as const;
const priorities = { low: "low", normal: "normal", high: "high", urgent: "urgent" } as const;

const isKey = <T extends object>(table: T, key: PropertyKey | null | undefined): key is keyof T => Object.hasOwn(table, key ?? "");

/**
 * Zendesk's tickets. The description is the first comment, which can be given when the ticket is made and not changed after. Creating one needs `number`, which Zendesk keeps
 * as the external id and finds the ticket again by.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#json-format
 */
export const toTicket = defineMapping(
  ticket,
  unified.ticket,
)({
  resource: "ticket",
  version: "1",
  url: ({ id }, { subdomain }) => (subdomain === undefined ? undefined : `https://${subdomain}.zendesk.com/agent/tickets/${id}`),
  fields: {
    number: {
      from: ["external_id", "id"],
      read: ({ external_id: external, id }) => external ?? id,
      write: (number) => ({ external_id: number ?? "" }),
    },
    subject: { from: "subject", write: (subject) => ({ subject: subject ?? "" }) },
    description: { from: "description", write: (text) => ({ comment: { body: text ?? "" } }) },
    status: {
      from: "status",
      read: ({ status }) => (isKey(statuses, status) ? statuses[status] : null),
      write: (status) => (status === null ? {} : { status }),
    },
    providerStatus: "status",
    priority: {
      from: "priority",
      read: ({ priority }) => (isKey(priorities, priority) ? priorities[priority] : null),
      write: (priority) => (priority === null ? {} : { priority }),
    },
    tags: { from: "tags", read: ({ tags }) => tags ?? [], write: (tags) => ({ tags: [...tags] }) },
    updatedAt: "updated_at",
  },
});
