import type { Db } from "../db/index.ts";
import type { KeyProvider } from "./key-provider.ts";
import { findAgedKeys, findForeignKeys, replaceWrapping, type TenantKeyName } from "./store.ts";
import { insertNewKeys, toContext } from "./tenant-keys.ts";

const atOnce = 100;

/**
 * Wraps every data key with the current master key, so that the others are no longer needed. What is sealed stays as it is, and nobody who runs notices.
 * It may be stopped at any time and run again, or twice at once: a key that is done is not done again.
 *
 * @returns how many keys were rewrapped.
 * @throws `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG` for one that cannot be unwrapped; those before it are done.
 */
export async function rotateMasterKey(db: Db, provider: KeyProvider): Promise<number> {
  let count = 0;
  for (let after: TenantKeyName | undefined = { tenant: "", version: 0 }; after !== undefined;) {
    const page = await findForeignKeys(db, provider.current, after, atOnce);
    for (const row of page) {
      if (row.wrapped === null) continue;
      const context = toContext(row);
      const dataKey = await provider.unwrap(row.masterKey, row.wrapped, context);
      if (await replaceWrapping(db, row, await provider.wrap(dataKey, context), provider.current)) count += 1;
    }
    after = page.length < atOnce ? undefined : page.at(-1);
  }
  return count;
}

/**
 * Gives tenants a new data key for what is sealed from now on; what was sealed before still opens. Others use it within a minute. Stopped in between, it goes on
 * where it was, if it is run again with at least the days since the first run.
 *
 * @param olderThanDays Tenants whose newest key is younger keep it. 0: all get one.
 * @returns how many tenants got one.
 */
export async function rotateDataKeys(db: Db, provider: KeyProvider, olderThanDays: number): Promise<number> {
  let count = 0;
  for (let after: string | undefined = ""; after !== undefined;) {
    const page: TenantKeyName[] = await findAgedKeys(db, olderThanDays, after, atOnce);
    await insertNewKeys(
      db,
      provider,
      page.map(({ tenant, version }) => ({ tenant, version: version + 1 })),
    );
    count += page.length;
    after = page.length < atOnce ? undefined : page.at(-1)?.tenant;
  }
  return count;
}
