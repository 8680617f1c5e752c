import type { Db } from "../db/index.ts";
import { countOf } from "../mailbox/index.ts";
import { putCounts, readUncounted } from "./backlog-store.ts";

const countTo = 1_000_000;

/**
 * Counts for those tenants that nobody has counted for longest, and puts right what processes that were killed did not say. What others say in the second of the count
 * may be counted twice, until the next time.
 *
 * @returns how many tenants were counted.
 */
export async function recount(db: Db): Promise<number> {
  const counts = await countOf(db, await readUncounted(db), countTo);
  if (counts.size > 0) await putCounts(db, counts, countTo);
  return counts.size;
}
