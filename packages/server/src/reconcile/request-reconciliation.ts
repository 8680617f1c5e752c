import { BelayError, type Sync } from "@belay/sdk";
import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { notifySchedulers, readSyncs, type SyncKey } from "../syncs/index.ts";
import type { Cipher } from "../vault/index.ts";
import { defaultSample } from "./begin-comparisons.ts";
import { insertWaiting, readOpen, type ReconciliationRow } from "./store.ts";

/**
 * Asks for a comparison of a sync at a connection. It begins when the sync is idle, reads everything, and changes no record. While one waits or walks, that one is it.
 *
 * @param sample 0 to 1: the share of the records that is compared field by field. Default: what the sync says, else 0.01.
 * @throws `API_NOT_FOUND`, `SYNC_PAUSED`.
 */
export async function requestReconciliation(
  parts: { readonly db: Db; readonly cipher: Cipher; readonly catalog: Pick<Catalog, "syncs" | "connections"> },
  sync: Sync,
  key: SyncKey,
  { sample, actor }: { readonly sample: number | undefined; readonly actor: string },
): Promise<ReconciliationRow> {
  const [found] = await readSyncs(parts, key, { limit: 1 });
  if (found === undefined)
    throw new BelayError("API_NOT_FOUND", `There is no sync "${key.sync}" at connection "${key.connection}" of tenant "${key.tenant}".`);
  // It would wait until somebody resumes the sync, and whoever asked with it.
  if (found.pausedAt !== null)
    throw new BelayError("SYNC_PAUSED", `Sync "${key.sync}" is paused at connection "${key.connection}": resume it first.`);
  return await parts.db.transaction().execute(async (tx) => {
    await insertWaiting(tx, key, { sample: sample ?? sync.reconcile?.sample ?? defaultSample, wantedBy: actor });
    const open = await readOpen(tx, key);
    if (open === undefined) throw new BelayError("API_NOT_FOUND", "The comparison has just ended; ask for another.", { retry: "backoff" });
    await notifySchedulers(tx);
    return open;
  });
}
