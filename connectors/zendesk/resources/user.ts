import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

const text = z.string().nullish();

/** A user as Zendesk answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  external_id: text,
  name: text,
  email: text,
  phone: text,
  /** `end-user`, `agent` or `admin`. */
  role: text,
  /** Anything that an agent wrote down of them. */
  notes: text,
  tags: z.array(z.string()).nullish(),
  organization_id: z.number().int().nullish(),
  /** Custom fields by key. */
  user_fields: z.record(z.string(), z.unknown()).nullish(),
  /** ISO 8601. */
  created_at: text,
  updated_at: text,
});

const update = z
  .strictObject({
    name: z.string().min(1),
    email: z.string().min(1),
    phone: z.string(),
    notes: z.string(),
    external_id: z.string().min(1).max(255),
  })
  .partial();

const create = z.strictObject({ ...update.shape, name: z.string().min(1) });

export type User = Infer<typeof record>;

/**
 * A user: somebody who asks (`end-user`), or who answers. A create with an e-mail address that is taken is refused, and is sent once, since
 * nothing of ours need be in it by which it would be found again.
 *
 * A change of `email` adds an address beside the main one, and Zendesk mails it to be verified.
 *
 * @see https://developer.zendesk.com/api-reference/ticketing/users/users/
 * @see https://developer.zendesk.com/api-reference/introduction/pagination/#using-cursor-pagination
 */
export const user = {
  path: "/api/v2/users",
  id: "id",
  schema: record,
  knownBy: { email: "email", externalId: "external_id" },
  wrap: { one: "user", many: "users" },
  personal: ["name", "email", "phone", "notes"],
  find: { by: ["external_id"], style: { kind: "query" } },
  get: {},
  delete: {},
  list: {
    paging: { kind: "cursor", parameter: "page[after]", next: "meta.after_cursor", more: "meta.has_more" },
    size: { parameter: "page[size]", default: 100, max: 100 },
    filters: { role: {} },
    order: { by: "id" },
  },
  create: { input: create, safety: { kind: "once" } },
  update: { input: update, method: "PUT", safety: { kind: "natural" } },
} as const satisfies Resource;
