import { defineMapping, unified } from "@belay/sdk/models";
import { ticket } from "../resources/ticket.ts";

/** Stages of the pipeline that every account begins with; those that people add have ids of their own. */
const stages = { "1": "new", "2": "pending", "3": "open", "4": "closed" } as const;
const stageOf = { new: "1", pending: "2", open: "3", solved: "4", closed: "4" } as const;
const priorities = { LOW: "low", MEDIUM: "normal", HIGH: "high", URGENT: "urgent" } as const;
const priorityOf = { low: "LOW", normal: "MEDIUM", high: "HIGH", urgent: "URGENT" } as const;

const isKey = <T extends object>(table: T, key: PropertyKey | null | undefined): key is keyof T => Object.hasOwn(table, key ?? "");

/**
 * HubSpot's tickets. A stage of a pipeline that people made has no status of ours: `providerStatus` holds its id.
 *
 * @see https://knowledge.hubspot.com/properties/hubspots-default-ticket-properties
 */
export const toTicket = defineMapping(
  ticket,
  unified.ticket,
)({
  resource: "ticket",
  version: "1",
  fields: {
    number: "id",
    subject: { from: "properties.subject", write: (subject) => ({ subject: subject ?? "" }) },
    description: { from: "properties.content", write: (text) => ({ content: text ?? "" }) },
    status: {
      from: ["properties.hs_pipeline", "properties.hs_pipeline_stage"],
      read: ({ properties: { hs_pipeline: pipeline, hs_pipeline_stage: stage } }) =>
        (pipeline ?? "0") === "0" && isKey(stages, stage) ? stages[stage] : null,
      write: (status) => (status === null ? {} : { hs_pipeline: "0", hs_pipeline_stage: stageOf[status] }),
    },
    providerStatus: "properties.hs_pipeline_stage",
    priority: {
      from: "properties.hs_ticket_priority",
      read: ({ properties: { hs_ticket_priority: priority } }) => (isKey(priorities, priority) ? priorities[priority] : null),
      write: (priority) => ({ hs_ticket_priority: priority === null ? "" : priorityOf[priority] }),
    },
    assignees: {
      from: "properties.hubspot_owner_id",
      read: ({ properties }) => [{ externalId: properties.hubspot_owner_id }],
    },
    createdAt: "createdAt",
    updatedAt: "updatedAt",
    closedAt: "properties.closed_date",
  },
});
