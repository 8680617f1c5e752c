import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteIdMarks } from "./id-marks.ts";
import { longestWaitDays, maintainHistory, type Retention, sweepBlobs, sweepSteps } from "./maintenance.ts";

/** What mailboxes have done in the background. */
export function mailboxJobs(db: Db, retention: Retention): ScheduledJob[] {
  return [
    {
      name: "history.maintain",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        await maintainHistory(db, retention);
        await deleteIdMarks(db, retention.historyDays + longestWaitDays);
      },
    },
    {
      name: "payload.sweep",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        await sweepSteps(db);
        while ((await sweepBlobs(db, retention)) > 0);
      },
    },
  ];
}
