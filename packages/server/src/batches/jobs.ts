import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteOldRuns } from "./store.ts";

const keptDays = 90;

/** Forgets runs of batches that ended long ago. */
export function batchJobs(db: Db): ScheduledJob[] {
  return [{ name: "batches.sweep", every: "day", longestSeconds: 300, run: async () => await deleteOldRuns(db, keptDays) }];
}
