import type { Db } from "../db/index.ts";
import type { KeyProvider } from "./key-provider.ts";
import {
  countMasterKeys,
  findAgedKeys,
  findForeignKeys,
  type MasterKeyUse,
  readOldestInUse,
  replaceWrapping,
  type TenantKeyName,
} from "./store.ts";
import { insertNewKeys, toContext } from "./tenant-keys.ts";

const atOnce = 100;

/** Which master keys are needed, and how old the keys are that tenants are sealed for with. */
export interface KeysInUse {
  /** By master key; one that is missing here may be taken away. */
  readonly masterKeys: readonly MasterKeyUse[];
  /** When the oldest key was made that something is sealed with now; `null`: there is none. ISO 8601, UTC. */
  readonly oldestDataKeyAt: string | null;
}

/** What rotating has come to, or has to. */
export async function readKeysInUse(db: Db): Promise<KeysInUse> {
  return { masterKeys: await countMasterKeys(db), oldestDataKeyAt: await readOldestInUse(db) };
}

/**
 * Wraps every data key with the current master key, so that the others are no longer needed. What is sealed stays as it is, and nobody who runs notices.
 * It may be stopped at any time and run again, or twice at once: a key that is done is not done again.
 *
 * @param onProgress Told now and then how many keys were rewrapped by this call.
 * @returns how many keys were rewrapped.
 * @throws `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG` for one that cannot be unwrapped; those before it are done.
 */
export async function rotateMasterKey(db: Db, provider: KeyProvider, onProgress: (done: number) => void = () => {}): Promise<number> {
  let count = 0;
  for (let after: TenantKeyName | undefined = { tenant: "", version: 0 }; after !== undefined;) {
    const page = await findForeignKeys(db, provider.current, after, atOnce);
    for (const row of page) {
      if (row.wrapped === null) continue;
      const context = toContext(row);
      const dataKey = await provider.unwrap(row.masterKey, row.wrapped, context);
      if (await replaceWrapping(db, row, await provider.wrap(dataKey, context), provider.current)) count += 1;
    }
    onProgress(count);
    after = page.length < atOnce ? undefined : page.at(-1);
  }
  return count;
}

/**
 * Gives tenants a new data key for what is sealed from now on; what was sealed before still opens. Others use it within a minute. Stopped in between, it goes on
 * where it was, if it is run again with at least the days since the first run.
 *
 * @param onProgress As above, of tenants.
 * @param olderThanDays Tenants whose newest key is younger keep it. 0: all get one.
 * @returns how many tenants got one.
 */
export async function rotateDataKeys(
  db: Db,
  provider: KeyProvider,
  olderThanDays: number,
  onProgress: (done: number) => void = () => {},
): Promise<number> {
  let count = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const page: TenantKeyName[] = await findAgedKeys(db, olderThanDays, after, atOnce);
    await insertNewKeys(
      db,
      provider,
      page.map(({ tenant, version }) => ({ tenant, version: version + 1 })),
    );
    count += page.length;
    onProgress(count);
    after = page.length < atOnce ? undefined : page.at(-1)?.tenant;
  }
  return count;
}
