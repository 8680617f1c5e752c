import type { Simulation } from "@belay/sdk";

const states: Readonly<Record<string, string>> = { offer: "available", claim: "unpublished", conclude: "completed" };

/** What Canvas does beyond its contract: events move a course to a state, and what was not sent has a default. */
export const simulator = {
  resources: {
    course: {
      createdStatus: 200,
      unique: ["sis_course_id"],
      defaults: (_now, { place }) => ({ account_id: Number(place["account_id"]), workflow_state: "unpublished", course_code: "" }),
      computed: (_now, _record, { event }) => ({
        event: undefined,
        ...(typeof event === "string" && { workflow_state: states[event] }),
      }),
    },
    assignment: {
      defaults: (_now, { place }) => ({
        course_id: Number(place["course_id"]),
        points_possible: null,
        due_at: null,
        submission_types: ["none"],
        published: false,
      }),
    },
  },
  // The way back of the find in course.ts.
  request: (request) => ({ ...request, path: request.path.replace("/courses/sis_course_id:", "/courses/") }),
} as const satisfies Simulation;
