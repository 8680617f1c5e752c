import assert from "node:assert/strict";
import { test } from "node:test";
import { github } from "@belay/connector-github";
import { openTrial } from "@belay/testkit";
import { issuesToTasks } from "./issues-to-tasks.ts";

// What GitHub sends when an issue is opened.
const opened = await github.webhooks.examples.issues();
const closed = { ...opened, action: "closed", issue: { ...opened.issue, state: "closed", updated_at: "2030-01-01T00:00:00Z" } };

test("an issue becomes a task, and is done when it is closed", async () => {
  await using trial = await openTrial(issuesToTasks);
  await trial.run(opened);
  await trial.run(closed);
  const [task, ...others] = trial.target.records("task");
  assert.deepEqual([task?.fields["title"], task?.fields["done"], others.length], [opened.issue.title, true, 0]);
});

test("a task is made once, even when the tracker's answer is lost", async () => {
  await using trial = await openTrial(issuesToTasks, {
    faults: [{ method: "POST", path: "/tasks", times: 1, fault: { kind: "reset-after-commit" } }],
  });
  await trial.run(opened);
  assert.equal(trial.target.records("task").length, 1);
});
