import type { Db } from "../db/index.ts";
import type { SyncKey } from "../syncs/index.ts";
import { unschedule } from "./schedule-store.ts";
import { deleteOfConnections } from "./store.ts";

/** Forgets comparisons at connections that are gone: those to come, those that were, and what they found. Calling it twice is safe. */
export async function forgetComparisons(tx: Db, keys: readonly Omit<SyncKey, "sync">[]): Promise<void> {
  await unschedule(tx, keys);
  await deleteOfConnections(tx, keys);
}
