import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { changesOf } from "./changes.ts";

/** HubSpot answers a property without a value with null, and one that was not asked for not at all. */
const text = z.string().nullish();

/** A company as HubSpot answers it; only properties that flows use. */
const record = z.object({
  id: z.string(),
  properties: z.object({
    name: text,
    domain: text,
    phone: text,
    address: text,
    city: text,
    state: text,
    zip: text,
    country: text,
    industry: text,
    /** A whole number in decimal. */
    numberofemployees: text,
    description: text,
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
    name: z.string(),
    domain: z.string(),
    phone: z.string(),
    address: z.string(),
    city: z.string(),
    state: z.string(),
    zip: z.string(),
    country: z.string(),
    numberofemployees: z.string().regex(/^[0-9]*$/, "must be a whole number as text"),
    description: z.string(),
  })
  .partial();

export type Company = Infer<typeof record>;

/**
 * A company. Nothing about it is unique in HubSpot, not even its domain, so a create is sent once.
 *
 * @see https://developers.hubspot.com/docs/api-reference/crm-companies-v3/guide
 * @see https://developers.hubspot.com/docs/api-reference/crm-companies-v3/basic/get-crm-v3-objects-companies paging
 */
export const company = {
  path: "/crm/v3/objects/companies",
  id: "id",
  schema: record,
  wrap: { many: "results" },
  fieldsIn: "properties",
  get: {},
  delete: {},
  list: {
    paging: { kind: "cursor", parameter: "after", next: "paging.next.after" },
    size: { parameter: "limit", default: 10, max: 100 },
    order: { by: "id" },
  },
  changes: changesOf("/crm/v3/objects/companies", "hs_lastmodifieddate", properties),
  query: { properties: properties.join(",") },
  create: { input: update, safety: { kind: "once" } },
  update: { input: update, method: "PATCH", safety: { kind: "natural" } },
} as const satisfies Resource;
