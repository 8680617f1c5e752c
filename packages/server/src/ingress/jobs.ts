import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteExpiredKeys } from "./store.ts";

const keysAtOnce = 10_000;

/** What ingress has done in the background. */
export function ingressJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "dedupe.expire",
      every: "hour",
      longestSeconds: 900,
      // In pieces, so that no transaction grows with the backlog.
      run: async () => {
        while ((await deleteExpiredKeys(db, keysAtOnce)) === keysAtOnce);
      },
    },
  ];
}
