import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteUnused } from "./store.ts";

/** Longer than any window that a provider counts in. */
const keptDays = 40;
const atOnce = 1_000;

/** What limits have done in the background: budgets that nobody uses any more are forgotten. */
export function limitJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "limits.maintain",
      every: "hour",
      longestSeconds: 300,
      run: async () => {
        while ((await deleteUnused(db, keptDays, atOnce)) === atOnce);
      },
    },
  ];
}
