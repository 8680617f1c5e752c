import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteOldEvents } from "./store.ts";

const batch = 10_000;

/** Forgets old events once a day. */
export function streamJobs(db: Db, keepDays: number): ScheduledJob[] {
  return [
    {
      name: "stream.sweep",
      every: "day",
      longestSeconds: 900,
      run: async () => {
        while ((await deleteOldEvents(db, keepDays, batch)) === batch);
      },
    },
  ];
}
