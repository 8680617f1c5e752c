import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";
import { pagesOf } from "./listing.ts";

/** `<status id="1" name="New"/>` */
const named = z.object({ "@id": z.coerce.number().int(), "@name": z.string() });

/** An issue as Redmine answers it; only fields that flows use. What has no value is an empty element, which is an empty text. */
const record = z.object({
  id: z.coerce.number().int(),
  project: named,
  status: named,
  subject: z.string(),
  description: z.string(),
  due_date: z.literal("").or(z.iso.date()),
  created_on: z.iso.datetime(),
  updated_on: z.iso.datetime(),
});

const create = z.strictObject({
  project_id: z.number().int(),
  subject: z.string().min(1).max(255),
  description: z.string().optional(),
  due_date: z.iso.date().optional(),
  status_id: z.number().int().optional(),
});

const update = create.extend({ notes: z.string() }).partial();

export type Issue = Infer<typeof record>;

/**
 * An issue, found again by its subject: flows have to give each its own. Closed ones are only shown to who asks for them, so we do.
 *
 * @see https://www.redmine.org/projects/redmine/wiki/Rest_Issues
 */
export const issue = {
  path: "/issues.xml",
  recordPath: "/issues/{id}.xml",
  id: "id",
  schema: record,
  wrap: { one: "issue", many: "issues.issue" },
  query: { status_id: "*" },
  get: {},
  find: { by: ["subject"], style: { kind: "query" } },
  create: { input: create, safety: { kind: "readBack", readBack: { by: "subject" } } },
  update: { input: update, method: "PUT", returns: "nothing", safety: { kind: "natural" } },
  delete: {},
  list: {
    ...pagesOf("issues"),
    filters: { project_id: { field: "project.@id" } },
    orders: { newest: { by: "id", direction: "descending", query: { sort: "id:desc" } } },
  },
} as const satisfies Resource;
