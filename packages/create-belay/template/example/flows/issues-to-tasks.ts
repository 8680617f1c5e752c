import { github } from "@belay/connector-github";
import { defineFlow } from "@belay/sdk";
import { tracker } from "../connectors/tracker.ts";

/** Keeps a task for every issue. */
export const issuesToTasks = defineFlow({
  id: "issues-to-tasks",
  on: github.events.issues,
  to: tracker,
  // Events of one issue run one after another; different issues side by side.
  orderKey: ({ issue }) => issue.id,
  // An event that arrives late never overwrites a newer state.
  version: ({ issue }) => issue.updated_at,

  async run({ event: { issue }, target, step }) {
    const reference = `github-${issue.id}`;
    const fields = { title: issue.title, done: issue.state === "closed" };

    const task = await step("find", () => target.task.find({ reference }));
    if (task) {
      await step("update", () => target.task.update(task.id, fields));
    } else {
      await step("create", () => target.task.create({ reference, ...fields }));
    }
  },
});
