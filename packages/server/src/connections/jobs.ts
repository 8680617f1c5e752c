import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { deleteMarks } from "./store.ts";

const keepMarksDays = 7;
const marksAtOnce = 10_000;

/** What is done about connections in the background. */
export function connectionJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "connection.forget-removed",
      every: "day",
      longestSeconds: 900,
      run: async () => {
        while ((await deleteMarks(db, keepMarksDays, marksAtOnce)) === marksAtOnce);
      },
    },
  ];
}
