import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { listSweepable, sweepVersions } from "./store.ts";

/** For so long after it was replaced a version can be read. */
const keptDays = 30;
const tenantsAtOnce = 500;
/** The feed's end is locked meanwhile. */
const versionsAtOnce = 1_000;

/** Forgets versions that were replaced longer ago than they are kept; of each record the newest stays. */
export function feedJobs(db: Db): ScheduledJob[] {
  return [{ name: "feed.sweep", every: "hour", longestSeconds: 1_800, run: async () => await sweepFeeds(db, keptDays) }];
}

/** The same with a time of one's own. Stopping it anywhere does no harm. */
export async function sweepFeeds(db: Db, days: number): Promise<void> {
  let after = "";
  for (;;) {
    const feeds = await listSweepable(db, days, after, tenantsAtOnce);
    for (const { tenant, until } of feeds) while ((await sweepVersions(db, tenant, until, versionsAtOnce)) === versionsAtOnce);
    const last = feeds.at(-1);
    if (last === undefined) return;
    after = last.tenant;
  }
}
