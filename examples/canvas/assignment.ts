import type { Infer, Resource } from "@belay/sdk";
import { z } from "zod";

/** An assignment as Canvas answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  course_id: z.number().int(),
  name: z.string(),
  points_possible: z.number().nullable(),
  due_at: z.iso.datetime().nullable(),
  submission_types: z.array(z.string()),
  published: z.boolean(),
});

const create = z.strictObject({
  name: z.string().min(1).max(255),
  points_possible: z.number().min(0).optional(),
  due_at: z.iso.datetime().nullable().optional(),
  submission_types: z.array(z.enum(["none", "online_text_entry", "online_upload", "online_url", "on_paper"])).optional(),
  published: z.boolean().optional(),
});

export type Assignment = Infer<typeof record>;

/**
 * An assignment, in a course. Names are not unique and there is no id of ours: a creation that got no answer is for a person to look at.
 *
 * @see https://developerdocs.instructure.com/services/canvas/resources/assignments
 */
export const assignment = {
  path: "/api/v1/courses/{course_id}/assignments",
  id: "id",
  schema: record,
  wrap: { sent: "assignment" },
  get: {},
  create: { input: create, safety: { kind: "once" } },
  update: { input: create.partial(), method: "PUT", safety: { kind: "natural" } },
  delete: {},
  list: {
    paging: { kind: "link" },
    size: { parameter: "per_page", default: 10, max: 100 },
    orders: { name: { by: "name", query: { order_by: "name" } } },
  },
} as const satisfies Resource;
