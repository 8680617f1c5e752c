import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

const text = z.string().nullish();

/** An organization as Zendesk answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  external_id: text,
  name: text,
  /** Users whose addresses are of these belong to it. */
  domain_names: z.array(z.string()).nullish(),
  details: text,
  notes: text,
  tags: z.array(z.string()).nullish(),
  /** Custom fields by key. */
  organization_fields: z.record(z.string(), z.unknown()).nullish(),
  /** ISO 8601. */
  created_at: text,
  updated_at: text,
});

const update = z
  .strictObject({
    name: z.string().min(1),
    domain_names: z.array(z.string().min(1)),
    details: z.string(),
    notes: z.string(),
    /** The whole set: what is not in it is removed. */
    tags: z.array(z.string().min(1)),
  })
  .partial();

const create = z.strictObject({ ...update.shape, name: z.string().min(1) });

export type Organization = Infer<typeof record>;

/**
 * An organization: the company of end users. Its name is unique, so a create that is repeated is refused.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
 */
export const organization = {
  path: "/api/v2/organizations",
  id: "id",
  schema: record,
  wrap: { one: "organization", many: "organizations" },
  get: {},
  delete: {},
  list: {
    paging: { kind: "cursor", parameter: "page[after]", next: "meta.after_cursor", more: "meta.has_more" },
    size: { parameter: "page[size]", default: 100, max: 100 },
    order: { by: "id" },
  },
  create: { input: create, safety: { kind: "once" } },
  update: { input: update, method: "PUT", safety: { kind: "natural" } },
} as const satisfies Resource;
