import type { Catalog } from "../catalog/index.ts";
import type { Db } from "../db/index.ts";
import { mustBeThere } from "./order-syncs.ts";
import type { SyncKey } from "./types.ts";

interface KnownBy {
  readonly catalog: Pick<Catalog, "syncs" | "connections">;
}

/** Whether a sync is in the configuration, and at a connection of this tenant. */
export function isConfigured({ catalog }: KnownBy, { tenant, sync, connection }: SyncKey): boolean {
  const at = catalog.connections.get(connection);
  return at?.tenant === tenant && catalog.syncs.get(sync)?.source.connector === at.connector;
}

/** What is asked of a sync that was configured a moment ago has an answer, if an empty one. @throws `API_NOT_FOUND` where it is neither configured nor was it ever. */
export async function mustBeKnown({ db, ...known }: KnownBy & { readonly db: Db }, key: SyncKey): Promise<void> {
  if (!isConfigured(known, key)) await mustBeThere(db, key);
}
