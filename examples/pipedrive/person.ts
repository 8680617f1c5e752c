import type { AnswerDraft, Infer, Resource } from "@belay/sdk";
import { valueAt } from "@belay/sdk";
import { z } from "zod";
import { listed, pages } from "./listing.ts";

const reachable = z.object({ value: z.string(), primary: z.boolean().optional(), label: z.string().optional() });

/** A person as Pipedrive answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  name: z.string(),
  email: z.array(reachable),
  phone: z.array(reachable),
  active_flag: z.boolean().optional(),
});

const create = z.strictObject({
  name: z.string().min(1),
  email: z.array(reachable).optional(),
  phone: z.array(reachable).optional(),
  org_id: z.number().int().optional(),
  owner_id: z.number().int().optional(),
});

export type Person = Infer<typeof record>;

/** A deleted person is shown for 30 days, inactive; for those who ask there is none. */
function withTombstone({ body }: AnswerDraft): unknown {
  const isGone = valueAt(body, "data.active_flag") === false;
  return isGone ? { data: { deleted: true } } : body;
}

/**
 * A person. Nothing that we send finds one again for certain: names are not unique, and the search looks up parts of many fields.
 *
 * @see https://developers.pipedrive.com/docs/api/v1/Persons
 */
export const person = {
  path: "/{version}/persons",
  id: "id",
  schema: record,
  wrap: { one: "data", many: "data", sent: false },
  get: { response: withTombstone },
  create: { input: create, safety: { kind: "once" } },
  update: { input: create.partial(), method: "PUT", safety: { kind: "natural" } },
  delete: {},
  tombstone: "deleted",
  list: { ...pages, response: listed },
} as const satisfies Resource;
