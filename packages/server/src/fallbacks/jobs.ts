import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteExcessKnown, deleteOldKnown } from "./store.ts";

/** No call may ask for an older one. */
const keptDays = 7;
const mostOfTenant = 10_000;
const batch = 10_000;

/** Forgets what is too old for any call, and of a tenant that has more than ten thousand answers the oldest. */
export function fallbackJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "fallbacks.sweep",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        while ((await deleteOldKnown(db, keptDays, batch)) === batch);
        await deleteExcessKnown(db, mostOfTenant);
      },
    },
  ];
}
