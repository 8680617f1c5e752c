import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { changesOf } from "./changes.ts";

const text = z.string().nullish();

/** A ticket as HubSpot answers it; only properties that flows use. */
const record = z.object({
  id: z.string(),
  properties: z.object({
    subject: text,
    content: text,
    hs_pipeline: text,
    /** The id of a stage; those of the account's first pipeline are 1 to 4. */
    hs_pipeline_stage: text,
    /** `LOW`, `MEDIUM`, `HIGH`, `URGENT`. */
    hs_ticket_priority: text,
    hubspot_owner_id: text,
    /** ISO 8601. */
    closed_date: text,
    /** ISO 8601: when any of them changed last. */
    hs_lastmodifieddate: text,
  }),
  /** ISO 8601. */
  createdAt: z.string().optional(),
  updatedAt: z.string().optional(),
});

const properties = Object.keys(record.shape.properties.shape);

/** An empty text clears the property. */
const update = z
  .strictObject({
    subject: z.string(),
    content: z.string(),
    hs_pipeline: z.string().min(1),
    hs_pipeline_stage: z.string().min(1),
    hs_ticket_priority: z.enum(["", "LOW", "MEDIUM", "HIGH", "URGENT"]),
  })
  .partial();

const create = z.strictObject({ ...update.shape, subject: z.string().min(1), hs_pipeline_stage: z.string().min(1) });

export type Ticket = Infer<typeof record>;

/**
 * A ticket. It has no unique property by itself, so a create is sent once.
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-tickets-v3/guide
 * @see https://developers.hubspot.com/docs/api-reference/crm-pipelines-v3/guide stages
 */
export const ticket = {
  path: "/crm/v3/objects/tickets",
  id: "id",
  schema: record,
  wrap: { many: "results" },
  fieldsIn: "properties",
  personal: ["subject", "content"],
  get: {},
  delete: {},
  list: {
    paging: { kind: "cursor", parameter: "after", next: "paging.next.after" },
    size: { parameter: "limit", default: 10, max: 100 },
    order: { by: "id" },
  },
  changes: changesOf("/crm/v3/objects/tickets", "hs_lastmodifieddate", properties),
  query: { properties: properties.join(",") },
  create: { input: create, safety: { kind: "once" } },
  update: { input: update, method: "PATCH", safety: { kind: "natural" } },
} as const satisfies Resource;
