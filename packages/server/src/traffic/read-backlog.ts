import type { Db } from "../db/index.ts";
import { readOldestOf } from "../mailbox/index.ts";
import { readBacklogRows } from "./backlog-store.ts";

/** What waits for one tenant, as of a second ago. */
export interface TenantBacklog {
  readonly tenant: string;
  readonly waiting: number;
  /** Of the last minute or so. */
  readonly finishedPerSecond: number;
  /** When all of it is done at this pace, s; `null` when nothing was finished lately. */
  readonly etaSeconds: number | null;
  /** Since the oldest of it came in, ms; `null` when nothing of it is found. */
  readonly oldestMs: number | null;
}

const slowest = 0.01;

/** Tenants with something that waits, most first; at most `limit`. Reads what was added up, and counts nothing. */
export async function readBacklog(db: Db, tenant: string | undefined, limit: number): Promise<TenantBacklog[]> {
  const rows = await readBacklogRows(db, tenant, limit);
  const oldest = await readOldestOf(
    db,
    rows.map((row) => row.tenant),
  );
  return rows.map(({ tenant: name, waiting, finishedPerSecond }) => ({
    tenant: name,
    waiting,
    finishedPerSecond: Math.round(finishedPerSecond * 100) / 100,
    etaSeconds: finishedPerSecond < slowest ? null : Math.ceil(waiting / finishedPerSecond),
    oldestMs: oldest.has(name) ? Math.round(oldest.get(name) ?? 0) : null,
  }));
}
