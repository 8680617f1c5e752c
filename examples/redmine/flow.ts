import { defineFlow } from "@belay/sdk";
import { redmine } from "./index.ts";

/** Whoever reports something without a word about it is asked for one. */
export const askForDescriptions = defineFlow({
  id: "ask-for-descriptions",
  on: redmine.events["issue.created"],
  to: redmine,
  orderKey: ({ data }) => data.issue.id,
  run: async ({ event, target, step }) => {
    const { id, description } = event.data.issue;
    if (description) return;
    await step("ask", () => target.issue.update(id, { notes: "Please describe what you saw, and what you expected.", status_id: 4 }));
  },
});
