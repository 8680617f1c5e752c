import { valueAt } from "../../../connector/value-at.ts";
import type { ResourceAccess } from "../resource-access.ts";

/**
 * Writes, and says of what was written that it has changed, however the write ended: an answer that was lost says nothing of what was done. The write begins before this returns,
 * since the order of calls decides which idempotency key is whose.
 *
 * @param id Of the record that is written; undefined where only the answer says, null for any.
 */
export function endingEntries<T>(access: ResourceAccess, id: unknown, write: () => Promise<T>): Promise<T> {
  const { cache } = access;
  if (cache === undefined) return write();
  const changed = (record: unknown): void => cache.changed({ resource: access.name, record: toId(record) });
  return write().then(
    (result) => {
      changed(id === undefined ? valueAt(result, access.resource.id) : id);
      return result;
    },
    (error: unknown) => {
      changed(id ?? null);
      throw error;
    },
  );
}

/** Null: whichever it may be. */
function toId(id: unknown): string | null {
  return typeof id === "string" || typeof id === "number" ? String(id) : null;
}
