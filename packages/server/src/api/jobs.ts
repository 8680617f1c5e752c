import { deleteOldSessions } from "../access/index.ts";
import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteExpiredRequests } from "./store.ts";

const keysAtOnce = 10_000;

/** What the API has done in the background. */
export function apiJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "idempotency.expire",
      cron: "11 * * * *",
      longestSeconds: 900,
      run: async () => {
        while ((await deleteExpiredRequests(db, keysAtOnce)) === keysAtOnce);
      },
    },
    { name: "access.tidy", cron: "23 3 * * *", longestSeconds: 900, run: async () => await deleteOldSessions(db) },
  ];
}
