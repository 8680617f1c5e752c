import { forgetCached } from "./cache/index.ts";
import type { ConnectionKey } from "./connections/index.ts";
import type { Db } from "./db/index.ts";
import { forgetComparisons } from "./reconcile/index.ts";
import { forgetSyncs } from "./syncs/index.ts";

/**
 * Takes away what is kept for connections that were removed, and no longer of use to anybody: their ids never come back. Their records stay, and their messages.
 *
 * @param tx The transaction in which the last mark of them goes.
 */
export async function forgetConnections(tx: Db, connections: readonly ConnectionKey[]): Promise<void> {
  const keys = connections.map(({ tenant, id }) => ({ tenant, connection: id }));
  await forgetCached(tx, keys);
  await forgetComparisons(tx, keys);
  await forgetSyncs(tx, keys);
}
