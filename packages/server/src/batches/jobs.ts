import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteAbandoned, deleteOldRuns } from "./store.ts";

const keptDays = 90;
/** Longer than Belay is ever down: what is due then keeps its place. */
const abandonedDays = 30;

/** Forgets runs of batches that ended long ago, and the times of batches that no configuration has any more. */
export function batchJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "batches.sweep",
      every: "day",
      longestSeconds: 300,
      run: async () => {
        await deleteOldRuns(db, keptDays);
        await deleteAbandoned(db, abandonedDays);
      },
    },
  ];
}
