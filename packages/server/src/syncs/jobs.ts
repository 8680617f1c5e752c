import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { forgetDeleted } from "../records/index.ts";
import { deleteOldWalks } from "./walk-store.ts";

const keepWalksDays = 30;
/** As long as the feed keeps the versions that they come back from. */
const keepDeletedDays = 30;
const chunk = 1_000;

/** Keeps the list of walks short: those that ended a month ago go, and the newest of each sync stays. Forgets what was deleted as long ago. */
export function syncJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "syncs.maintain",
      every: "day",
      longestSeconds: 600,
      run: async () => {
        while ((await deleteOldWalks(db, keepWalksDays, chunk)) === chunk);
        while ((await forgetDeleted(db, keepDeletedDays, chunk)) === chunk);
      },
    },
  ];
}
