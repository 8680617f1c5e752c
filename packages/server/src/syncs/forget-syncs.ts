import type { Db } from "../db/index.ts";
import { deleteSeen, forgetListed } from "../records/index.ts";
import { deleteOfConnections } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { deleteWalks } from "./walk-store.ts";

/** Forgets syncs at connections that are gone, their walks, and what those have left behind; records stay. Calling it twice is safe. */
export async function forgetSyncs(tx: Db, keys: readonly Omit<SyncKey, "sync">[]): Promise<void> {
  await deleteOfConnections(tx, keys);
  const walks = Map.groupBy(await deleteWalks(tx, keys), ({ tenant }) => tenant);
  for (const [tenant, some] of walks) await deleteSeen(tx, { tenant }, some.map(({ walk }) => walk)); // prettier-ignore
  await forgetListed(tx, keys);
}
