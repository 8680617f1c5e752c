import { BelayError } from "@belay/sdk";
import type { Db } from "../db/index.ts";
import { commitMessages, type MailboxKey, notifyWorkers, sealWork, toMailboxKey } from "../mailbox/index.ts";
import { insertEvents } from "../stream/index.ts";
import type { Cipher } from "../vault/index.ts";
import { clearPaused, makeDue, notifySchedulers, readSyncRows, setPaused } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { walkMessage } from "./walk-message.ts";
import { readOpenWalk } from "./walk-store.ts";

interface OrderParts {
  readonly db: Db;
  readonly cipher: Cipher;
}

/**
 * Lets a sync's next walk begin now; with `full` it reads everything and maps it anew. While one is open, the next begins when that has ended. Calling it twice is safe.
 *
 * @throws `API_NOT_FOUND`, `SYNC_PAUSED`.
 */
export async function runSync({ db }: OrderParts, key: SyncKey, { full }: { readonly full: boolean }): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (await makeDue(tx, key, full)) return await notifySchedulers(tx);
    await mustBeThere(tx, key);
    throw new BelayError("SYNC_PAUSED", `Sync "${key.sync}" is paused at connection "${key.connection}": resume it first.`);
  });
}

/**
 * Pauses a sync at a connection: the page that is being kept is kept, and no other begins. Calling it twice is safe: the first reason stays.
 *
 * @throws `API_NOT_FOUND`.
 */
export async function pauseSync({ db }: OrderParts, key: SyncKey, by: { readonly actor: string; readonly why: string }): Promise<void> {
  await db.transaction().execute(async (tx) => {
    if (!(await setPaused(tx, key, by.actor, by.why))) return await mustBeThere(tx, key);
    const { tenant, connection, sync } = key;
    await insertEvents(tx, [{ type: "sync.paused", tenant, connection, flow: sync, actor: by.actor, data: { why: by.why } }]);
  });
}

/**
 * Lets a sync go on, an open walk from where it stands. Calling it twice is safe.
 *
 * @returns the mailbox that got something to do, if one did.
 * @throws `API_NOT_FOUND`.
 */
export async function resumeSync({ db, cipher }: OrderParts, key: SyncKey, by: { readonly actor: string }): Promise<readonly MailboxKey[]> {
  for (;;) {
    const resumed = await tryResume({ db, cipher }, key, by);
    if (resumed !== undefined) return resumed;
  }
}

/** Undefined: a walk has begun or ended meanwhile, and nothing was done. */
async function tryResume(
  { db, cipher }: OrderParts,
  key: SyncKey,
  by: { readonly actor: string },
): Promise<readonly MailboxKey[] | undefined> {
  const walk = await readOpenWalk(db, key);
  const message = walkMessage(key, walk?.lane ?? "sync");
  // Sealed before the transaction: a tenant's key may have to be read.
  const sealed = await sealWork(cipher, [{ messages: [message], quarantined: [] }]);
  const resume = async (tx: Db): Promise<readonly MailboxKey[]> => {
    if (!(await clearPaused(tx, key))) {
      await mustBeThere(tx, key);
      return [];
    }
    // The message of one that has begun and was paused since is gone: without another it would stay open for ever.
    if ((await readOpenWalk(tx, key))?.id !== walk?.id) throw moved;
    const { tenant, connection, sync } = key;
    await insertEvents(tx, [{ type: "sync.resumed", tenant, connection, flow: sync, actor: by.actor }]);
    await notifySchedulers(tx);
    if (walk === undefined) return [];
    await commitMessages(tx, sealed);
    await notifyWorkers(tx, [toMailboxKey(message)]);
    return [toMailboxKey(message)];
  };
  try {
    return await db.transaction().execute(resume);
  } catch (error) {
    if (error === moved) return undefined;
    throw error;
  }
}

/** Rolls back what was worked out for another walk. */
const moved = new Error("A walk has begun or ended meanwhile.");

/** @throws `API_NOT_FOUND` where the tenant has no such sync at this connection. */
export async function mustBeThere(db: Db, key: SyncKey): Promise<void> {
  if ((await readSyncRows(db, key, undefined, 1)).length > 0) return;
  throw new BelayError("API_NOT_FOUND", `There is no sync "${key.sync}" at connection "${key.connection}" of tenant "${key.tenant}".`);
}
