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
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        while ((await deleteExpiredRequests(db, keysAtOnce)) === keysAtOnce);
      },
    },
    { name: "access.tidy", every: "day", longestSeconds: 900, run: async () => await deleteOldSessions(db) },
  ];
}
