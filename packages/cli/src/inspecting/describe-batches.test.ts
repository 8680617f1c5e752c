import type { ApiBatchRun } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describeRuns } from "./describe-batches.ts";

const run: ApiBatchRun = {
  id: "run_1",
  batch: "welcome",
  tenant: "acme",
  state: "finished",
  connection: "acme-crm",
  items: 5,
  total: 5,
  done: 5,
  waiting: 0,
  failed: 0,
  etaSeconds: null,
  startedBy: "key:1",
  startedAt: "2026-03-01T12:00:00.000Z",
  readAt: null,
};

test("runs of which items failed say once for each batch and tenant how to see why", () => {
  const failing = { ...run, done: 1, failed: 4 };
  const text = describeRuns([failing, { ...failing, id: "run_0" }, { ...failing, tenant: "globex" }, { ...run, batch: "well" }], true);
  expect(text.split("\n").slice(-2)).toEqual([
    "Why they failed: belay dead-letters list --flow welcome --tenant acme",
    "  belay dead-letters list --flow welcome --tenant globex",
  ]);
  expect(describeRuns([run], true)).not.toContain("dead-letters");
});
