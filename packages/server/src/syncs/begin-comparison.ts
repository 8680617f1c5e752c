import type { Db } from "../db/index.ts";
import { readPositions } from "../feed/index.ts";
import { commitMessages, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import type { Cipher } from "../vault/index.ts";
import { lockIdle } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { walkMessage } from "./walk-message.ts";
import { insertWalks } from "./walk-store.ts";

/** A walk that compares has begun. */
export interface BegunComparison {
  readonly walk: number;
  /** So many records were kept then. */
  readonly kept: number;
}

/**
 * Begins a walk that compares what is kept with everything that the source lists. Not while a walk of the sync is open, it is paused, or nothing was ever read to its end: then
 * there is nothing to compare.
 *
 * @param onBegun Does what belongs to it in the same transaction; false: nothing has begun.
 * @returns the mailboxes that got something to do.
 */
export async function beginComparison(
  { db, cipher }: { readonly db: Db; readonly cipher: Cipher },
  key: SyncKey,
  onBegun: (tx: Db, begun: BegunComparison) => Promise<boolean>,
): Promise<readonly MailboxKey[]> {
  const { tenant, sync, connection } = key;
  const message = walkMessage(key, "backfill");
  // Sealed before the transaction: a tenant's key may have to be read.
  const sealed = await sealWork(cipher, [{ messages: [message], quarantined: [] }]);
  const begin = async (tx: Db): Promise<readonly MailboxKey[]> => {
    const idle = await lockIdle(tx, key);
    if (idle === undefined || idle.paused) return [];
    const positions = await readPositions(tx, [tenant]);
    const row = { tenant, sync, connection, kind: "reconcile", lane: "backfill", countsSeen: true } as const;
    const [walk] = await insertWalks(tx, [{ ...row, expected: idle.records, begunAfter: positions.get(tenant) ?? 0 }]);
    if (walk === undefined) return [];
    if (!(await onBegun(tx, { walk: walk.id, kept: idle.records }))) throw notWanted;
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, [toMailboxKey(message)]);
    return [toMailboxKey(message)];
  };
  try {
    return await db.transaction().execute(begin);
  } catch (error) {
    if (error === notWanted) return [];
    throw error;
  }
}

/** Rolls back a walk that nobody waits for any more. */
const notWanted = new Error("The comparison is not wanted any more.");
