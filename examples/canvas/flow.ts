import { defineEvents, defineFlow } from "@belay/sdk";
import { z } from "zod";
import { canvas } from "./index.ts";

/** What the host application tells of. */
export const app = defineEvents({
  "class.scheduled": z.object({
    id: z.string(),
    account: z.number(),
    title: z.string(),
    essay: z.object({ name: z.string(), due: z.iso.datetime() }),
  }),
});

/** A class that is scheduled is an open course with its essay. */
export const classesToCourses = defineFlow({
  id: "classes-to-courses",
  on: app["class.scheduled"],
  to: canvas,
  orderKey: ({ id }) => id,
  run: async ({ event, target, step }) => {
    const courses = target.course.in({ account_id: event.account });
    const course = await step("course", () => courses.create({ name: event.title, sis_course_id: event.id }));
    await step("essay", () =>
      target.assignment
        .in({ course_id: course.id })
        .create({ name: event.essay.name, due_at: event.essay.due, submission_types: ["online_upload"] }),
    );
    await step("open", () => target.course.update(course.id, { event: "offer" }));
  },
});
