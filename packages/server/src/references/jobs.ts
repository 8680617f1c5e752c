import { sql } from "kysely";
import { type Db, dropDayPartitions } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";

const preparedWeeks = 1;
/** A message may wait that long before it reaches history, and is then kept for as long as history is. */
const longestWaitDays = 7;
/** A partition is as old as its first day. */
const partitionDays = 7;

/** What references have done in the background: partitions are prepared, and dropped when the history of their messages is gone. */
export function referenceJobs(db: Db, { historyDays }: { readonly historyDays: number }): ScheduledJob[] {
  return [
    {
      name: "reference.maintain",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        await sql`select belay.ensure_reference_partitions(${preparedWeeks})`.execute(db);
        await dropDayPartitions(db, "reference", historyDays + longestWaitDays + partitionDays);
      },
    },
  ];
}
