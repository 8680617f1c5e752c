import { BelayError, type Sync } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import {
  applyPlan,
  clearMissing,
  countListed,
  planDeletes,
  readMissing,
  type RecordOrigin,
  unlistMissing,
  walkOfMissing,
} from "../records/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { Clock } from "../telemetry/index.ts";
import type { Cipher } from "../vault/index.ts";
import { clearHeld, growRecords, lockHeld, wantFull } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { countLateDeletes } from "./walk-store.ts";

interface HeldParts {
  readonly db: Db;
  readonly cipher: Cipher;
  readonly clock: Clock;
}

/** So many records are deleted in one transaction. */
const chunk = 500;

/**
 * Deletes the records that wait for it. In parts: when it is cut off, the others wait on. A record that was seen meanwhile is not among them any more.
 *
 * @returns how many were deleted.
 * @throws `SYNC_NOTHING_HELD` when nothing waits, its time is over, or a walk is under way that looks anew.
 */
export async function approveDeletes(parts: HeldParts, sync: Sync, key: SyncKey, by: { readonly actor: string }): Promise<number> {
  let deleted = 0;
  // Whoever wants them back asks for those of the walk that missed them.
  let walk = await walkOfMissing(parts.db, key);
  for (;;) {
    const ids = await readMissing(parts.db, key, chunk);
    const done = ids.length === 0 ? await end(parts, key, by, deleted) : await approveSome(parts, sync, { ...key, walk }, ids);
    if (done === undefined) {
      if (deleted > 0) return deleted;
      throw new BelayError(
        "SYNC_NOTHING_HELD",
        `Nothing of sync "${key.sync}" waits at connection "${key.connection}" to be deleted, or a walk looks anew just now.`,
      );
    }
    if (done === "changed") {
      walk = await walkOfMissing(parts.db, key);
      continue;
    }
    deleted += done;
    if (ids.length === 0) return deleted;
  }
}

/** Undefined: they wait no more. `changed`: others do. */
async function approveSome(
  parts: HeldParts,
  sync: Sync,
  { walk, ...key }: SyncKey & { readonly walk: number },
  ids: readonly string[],
): Promise<number | "changed" | undefined> {
  const { resource } = sync.source;
  const { model } = sync.target;
  const origin: RecordOrigin = { ...key, resource, model, sync: sync.id, mapping: sync.mapping, walk };
  const planned = await planDeletes(parts, origin, ids);
  return await parts.db.transaction().execute(async (tx) => {
    // No walk begins before this is done, and none is open that may have seen one of them.
    if (!(await lockHeld(tx, key))) return undefined;
    // One that has begun and ended since they were looked for may have seen some of them.
    const still = await readMissing(tx, key, chunk);
    if (still.length !== ids.length || still.some((id, index) => id !== ids[index])) return "changed";
    await unlistMissing(tx, key, ids);
    const applied = await applyPlan(tx, planned, false);
    // Somebody has changed one of them since the list was made: it is there.
    if (applied === undefined)
      throw new BelayError("SYNC_PAGE_CONTENDED", "Records that were to be deleted have changed meanwhile; try again.", {
        retry: "backoff",
      });
    await countLateDeletes(tx, origin, applied.deleted);
    await growRecords(tx, key, applied.growth);
    return applied.deleted;
  });
}

async function end({ db }: HeldParts, key: SyncKey, by: { readonly actor: string }, count: number): Promise<number | undefined> {
  return await db.transaction().execute(async (tx) => {
    const wasHeld = await clearHeld(tx, key);
    if (!wasHeld) return undefined;
    await tell(tx, "sync.deletes-approved", key, by.actor, count);
    return 0;
  });
}

/**
 * Keeps the records that wait to be deleted; the next walk that misses them asks again. What the provider has named it need not name again: so the next walk reads everything. Calling it twice
 * is safe.
 *
 * @returns how many waited.
 */
export async function refuseDeletes({ db }: HeldParts, key: SyncKey, by: { readonly actor: string }): Promise<number> {
  return await db.transaction().execute(async (tx) => {
    await clearHeld(tx, key);
    if ((await countListed(tx, { ...key, walk: 0 })).named > 0) await wantFull(tx, [key]);
    const count = await clearMissing(tx, key);
    if (count > 0) await tell(tx, "sync.deletes-refused", key, by.actor, count);
    return count;
  });
}

async function tell(
  tx: Db,
  type: "sync.deletes-approved" | "sync.deletes-refused",
  key: SyncKey,
  actor: string,
  count: number,
): Promise<void> {
  const { tenant, connection, sync } = key;
  await insertEvents(tx, [{ type, tenant, connection, flow: sync, actor, data: { count } }]);
}
