/**
 * A vault for tests: real keys, in the test's own database, under a master key that everybody knows.
 *
 * @module
 */
import type { Db } from "../../packages/server/src/db/index.ts";
import { systemClock } from "../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys, type Vault } from "../../packages/server/src/vault/index.ts";

export const testMasterKey = `test:${Buffer.alloc(32, "test").toString("base64")}`;

const vaults = new WeakMap<Db, Vault>();

/** The vault of a database; the same one every time. */
export function vaultOf(db: Db): Vault {
  let vault = vaults.get(db);
  if (vault === undefined) {
    vault = openVault({ db, provider: parseMasterKeys(testMasterKey), clock: systemClock });
    vaults.set(db, vault);
  }
  return vault;
}
