import type { Db } from "../db/index.ts";
import type { Clock, Logger } from "../telemetry/index.ts";
import { isSameHash, readKey } from "./api-key.ts";
import { type LivingKey, selectLivingKeys, touchKeys } from "./key-store.ts";
import { LookUpInBatches } from "./look-up-in-batches.ts";
import { type Permission, permissions } from "./permissions.ts";
import type { Principal } from "./principal.ts";

/** So long at most a revoked key works on in a process. */
const freshMs = 2_000;
/** The last use of a key is written down once in so long. */
const touchEveryMs = 60_000;

export interface KeyBook {
  /** Whose key this is; `undefined` for none of ours. No promise where it is known. @throws `API_UNAVAILABLE`, and what the database throws. */
  recognize(text: string): Principal | undefined | Promise<Principal | undefined>;
  /** Forgets what it knows of a key, after it was changed here. */
  forget(id: string): void;
}

/** Recognizes API keys; it asks the database for a key that is in use once in two seconds, whatever the number of requests. */
export function openKeyBook({ db, clock, logger }: { db: Db; clock: Clock; logger: Logger }): KeyBook {
  const keys = new LookUpInBatches<Living>({
    clock,
    freshMs,
    read: async (ids) => new Map((await selectLivingKeys(db, ids)).map((key) => [key.id, { key, principal: toPrincipal(key) }])),
  });
  const touched = new Map<string, number>();
  const touch = ({ id, lastUsedAtMs }: LivingKey): void => {
    const now = clock.now();
    if (now - (touched.get(id) ?? lastUsedAtMs ?? 0) < touchEveryMs) return;
    touched.set(id, now);
    // Nothing depends on it: who asks shall not wait for it, nor be refused when it fails.
    touchKeys(db, [id]).catch((error: unknown) => logger.warn({ error }, "The last use of a key could not be written down."));
  };
  const judge = (living: Living | undefined, hash: Uint8Array): Principal | undefined => {
    if (living === undefined || !isSameHash(hash, living.key.hash)) return undefined;
    if (living.key.expiresAtMs !== null && living.key.expiresAtMs <= clock.now()) return undefined;
    touch(living.key);
    return living.principal;
  };
  return {
    recognize: (text) => {
      const read = readKey(text);
      if (read === undefined) return undefined;
      const found = keys.find(read.id);
      return found instanceof Promise ? found.then((living) => judge(living, read.hash)) : judge(found, read.hash);
    },
    forget: (id) => keys.forget(id),
  };
}

interface Living {
  readonly key: LivingKey;
  readonly principal: Principal;
}

function toPrincipal({ id, role, tenant, permissions: given }: LivingKey): Principal {
  const known = given?.filter((name): name is Permission => Object.hasOwn(permissions, name));
  return { kind: "apiKey", id, role, tenant: tenant ?? undefined, actor: `key:${id}`, ...(known !== undefined && { permissions: known }) };
}
