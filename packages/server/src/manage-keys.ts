import { type DatabaseOptions, migrate, openDatabase } from "./db/index.ts";
import { systemClock } from "./telemetry/index.ts";
import {
  type KeyProvider,
  type KeysInUse,
  openVault,
  parseMasterKeys,
  readKeysInUse,
  rotateDataKeys,
  rotateMasterKey,
  verifyMasterKeys,
} from "./vault/index.ts";

/** What can be done with the keys of a database, also while processes work on it. */
export interface KeyManagement extends AsyncDisposable {
  /** Which master keys are needed, which of those given wraps, and how old the tenants' keys are. */
  status(): Promise<KeysInUse & { readonly current: string }>;
  /** Wraps all data keys with the first master key, so that the others are no longer needed. Resumable. @returns how many were rewrapped. */
  rotateMaster(onProgress?: (done: number) => void): Promise<number>;
  /** Gives tenants whose key is that old a new one for what is sealed from now on. Resumable with an age. @returns how many. */
  rotateData(olderThanDays: number, onProgress?: (done: number) => void): Promise<number>;
  /** Destroys the keys of a tenant: what was sealed for it can never be read again. @returns how many. */
  destroy(tenant: string): Promise<number>;
}

/**
 * Opens a database to manage its keys. It brings the schema up to date first.
 *
 * @throws `DB_MIGRATION_FAILED`, `VAULT_MASTER_KEY_INVALID`, `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG`; or the database's own error.
 */
export async function manageKeys(options: DatabaseOptions, masterKey: string | KeyProvider): Promise<KeyManagement> {
  const provider = typeof masterKey === "string" ? parseMasterKeys(masterKey) : masterKey;
  await using stack = new AsyncDisposableStack();
  const { db } = stack.use(openDatabase(options));
  await migrate(db);
  await verifyMasterKeys({ db, provider });
  const vault = openVault({ db, provider, clock: systemClock });
  const opened = stack.move();
  return {
    status: async () => ({ ...(await readKeysInUse(db)), current: provider.current }),
    rotateMaster: async (onProgress) => await rotateMasterKey(db, provider, onProgress),
    rotateData: async (olderThanDays, onProgress) => await rotateDataKeys(db, provider, olderThanDays, onProgress),
    destroy: async (tenant) => await vault.destroy(tenant),
    [Symbol.asyncDispose]: async () => await opened.disposeAsync(),
  };
}
