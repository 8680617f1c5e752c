import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { recount } from "./recount.ts";

/** What has to be done for the backlog in the background. */
export function trafficJobs(db: Db): ScheduledJob[] {
  return [{ name: "backlog.count", cron: "4-59/10 * * * *", longestSeconds: 300, run: async () => void (await recount(db)) }];
}
