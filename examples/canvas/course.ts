import type { Infer, RequestDraft, Resource } from "@belay/sdk";
import { z } from "zod";

/** A course as Canvas answers it; only fields that flows use. */
const record = z.object({
  id: z.number().int(),
  account_id: z.number().int(),
  name: z.string(),
  course_code: z.string(),
  sis_course_id: z.string().nullable(),
  workflow_state: z.enum(["unpublished", "available", "completed", "deleted"]),
});

const create = z.strictObject({
  name: z.string().min(1).max(255),
  course_code: z.string().optional(),
  sis_course_id: z.string().min(1),
  start_at: z.iso.datetime().optional(),
  end_at: z.iso.datetime().optional(),
});

const update = create.extend({ event: z.enum(["claim", "offer", "conclude"]) }).partial();

export type Course = Infer<typeof record>;

/** Records are found by an id of ours as if it were theirs, behind a word that says so. */
function bySisId(draft: RequestDraft): RequestDraft {
  return { ...draft, path: draft.path.replace("/courses/", "/courses/sis_course_id:") };
}

/**
 * A course. It is made and listed in an account, and reached by its id alone; `sis_course_id` is the id that our side gave it.
 *
 * @see https://developerdocs.instructure.com/services/canvas/resources/courses
 * @see https://developerdocs.instructure.com/services/canvas/basics/file.object_ids
 */
export const course = {
  path: "/api/v1/accounts/{account_id}/courses",
  recordPath: "/api/v1/courses/{id}",
  id: "id",
  schema: record,
  wrap: { sent: "course" },
  get: {},
  find: { by: ["sis_course_id"], style: { kind: "path" }, request: bySisId },
  create: { input: create, safety: { kind: "readBack", readBack: { by: "sis_course_id" } } },
  update: { input: update, method: "PUT", safety: { kind: "natural" } },
  // Without a word Canvas does nothing: a course may also be concluded.
  delete: { request: (draft) => ({ ...draft, path: `${draft.path}?event=delete` }) },
  list: {
    paging: { kind: "link" },
    size: { parameter: "per_page", default: 10, max: 100 },
  },
} as const satisfies Resource;
