import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import { mostOfTenant } from "./open-cache.ts";
import { deleteOldEntries, listCachingTenants, trimEntries } from "./store.ts";

/** No call may ask for an older one. */
const keptHours = 24;
const rowsAtOnce = 10_000;
const tenantsAtOnce = 500;

/** Forgets what is too old for every call, and of tenants that have too much what is oldest. */
export function cacheJobs(db: Db): ScheduledJob[] {
  return [
    {
      name: "cache.sweep",
      every: "hour",
      longestSeconds: 900,
      run: async () => {
        for (let after = ""; ;) {
          const tenants = await listCachingTenants(db, after, tenantsAtOnce);
          for (const tenant of tenants) {
            while ((await deleteOldEntries(db, tenant, keptHours, rowsAtOnce)) === rowsAtOnce);
            await trimEntries(db, tenant, mostOfTenant);
          }
          const last = tenants.at(-1);
          if (last === undefined) return;
          after = last;
        }
      },
    },
  ];
}
