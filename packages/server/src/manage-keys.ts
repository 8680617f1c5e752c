import { type DatabaseOptions, migrate, openDatabase } from "./db/index.ts";
import { systemClock } from "./telemetry/index.ts";
import { type KeyProvider, openVault, parseMasterKeys, rotateDataKeys, rotateMasterKey, verifyMasterKeys } from "./vault/index.ts";

/** What can be done with the keys of a database, also while processes work on it. */
export interface KeyManagement extends AsyncDisposable {
  /** Wraps all data keys with the first master key, so that the others are no longer needed. Resumable. @returns how many were rewrapped. */
  rotateMaster(): Promise<number>;
  /** Gives tenants whose key is that old a new one for what is sealed from now on. @returns how many. */
  rotateData(olderThanDays: number): Promise<number>;
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
    rotateMaster: async () => await rotateMasterKey(db, provider),
    rotateData: async (olderThanDays) => await rotateDataKeys(db, provider, olderThanDays),
    destroy: async (tenant) => await vault.destroy(tenant),
    [Symbol.asyncDispose]: async () => await opened.disposeAsync(),
  };
}
