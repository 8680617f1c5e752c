import { type Db, dropDayPartitions, ensureDayPartitions } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import type { ExchangeRetention } from "./attempt-log.ts";

/** What the log of exchanges has done in the background. */
export function exchangeJobs(db: Db, { exchangesDays }: ExchangeRetention): ScheduledJob[] {
  return [
    {
      name: "exchanges.maintain",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        await ensureDayPartitions(db, "attempt");
        await dropDayPartitions(db, "attempt", exchangesDays);
        await ensureDayPartitions(db, "proxied_call");
        await dropDayPartitions(db, "proxied_call", exchangesDays);
      },
    },
  ];
}
