import { BelayError } from "@belay/sdk";
import type { AuditFact, AuditLog } from "../audit/index.ts";
import type { Db } from "../db/index.ts";
import { makeKey } from "./api-key.ts";
import { refuseMoreThanOwn } from "./hand-out.ts";
import { endKeyWithin, insertKey, lockLivingKey, type NewKey, revokeKey, selectKeys, type StoredKey } from "./key-store.ts";
import type { Principal } from "./principal.ts";

/** What a new key may do. */
export interface KeyWish extends Pick<NewKey, "name" | "role" | "tenant" | "permissions" | "livesMs"> {}

/** A key with its text, which is shown this once. */
export interface MadeKey {
  readonly key: StoredKey;
  readonly text: string;
}

interface Parts {
  readonly db: Db;
  readonly audit: Pick<AuditLog, "prepare" | "append">;
  /** Told of keys that were changed here. */
  readonly forget: (id: string) => void;
}

/** Who asks: for the audit log, which is written in the same transaction. */
export type Asked = (object: string) => AuditFact;

/** Makes a key. @throws `ACCESS_DENIED` for one that may do more than whoever makes it. */
export async function createApiKey({ db, audit }: Parts, wish: KeyWish, principal: Principal, asked: Asked): Promise<MadeKey> {
  refuseMoreThanOwn(principal, wish);
  const made = makeKey();
  const fact = await audit.prepare(asked(`id=${made.id}`));
  return await db.transaction().execute(async (tx) => {
    const key = await insertKey(tx, { ...wish, id: made.id, hash: made.hash, createdBy: principal.actor });
    if (key === undefined) throw new Error("A key was inserted and not returned.");
    await audit.append(tx, fact);
    return { key, text: made.text };
  });
}

/**
 * Makes a key that may do the same, and lets the old one end in `overlapMs`: until then both work, so that whoever uses the old one can change over without a failed request.
 *
 * @throws `API_NOT_FOUND` when there is no such key, or it has ended; `ACCESS_DENIED` when it may do more than whoever asks.
 */
export async function rotateApiKey(
  { db, audit, forget }: Parts,
  { id, overlapMs, livesMs }: { readonly id: string; readonly overlapMs: number; readonly livesMs: number | null },
  principal: Principal,
  asked: Asked,
): Promise<MadeKey> {
  const made = makeKey();
  const fact = await audit.prepare(asked(`id=${id} successor=${made.id}`));
  const result = await db.transaction().execute(async (tx) => {
    const old = await lockLivingKey(tx, id);
    if (old === undefined) throw new BelayError("API_NOT_FOUND", `There is no key ${id} that works.`);
    refuseMoreThanOwn(principal, old);
    const { name, role, tenant, permissions } = old;
    const createdBy = principal.actor;
    const key = await insertKey(tx, { id: made.id, hash: made.hash, name, role, tenant, permissions, createdBy, livesMs });
    if (key === undefined) throw new Error("A key was inserted and not returned.");
    await endKeyWithin(tx, id, overlapMs);
    await audit.append(tx, fact);
    return { key, text: made.text };
  });
  forget(id);
  return result;
}

/** Ends a key at once; other processes refuse it within two seconds. Calling it twice is safe. @throws `API_NOT_FOUND`. */
export async function revokeApiKey({ db, audit, forget }: Parts, id: string, asked: Asked): Promise<void> {
  const fact = await audit.prepare(asked(`id=${id}`));
  await db.transaction().execute(async (tx) => {
    if (!(await revokeKey(tx, id))) throw new BelayError("API_NOT_FOUND", `There is no key ${id}.`);
    await audit.append(tx, fact);
  });
  forget(id);
}

/** Keys by id, without their texts. */
export async function listApiKeys(db: Db, after: string | undefined, limit: number): Promise<StoredKey[]> {
  return await selectKeys(db, after ?? "", limit);
}
