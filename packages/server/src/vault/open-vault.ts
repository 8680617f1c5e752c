import { BelayError } from "@belay/sdk";
import type { Cipher, OfTenant, Sealable } from "./cipher.ts";
import type { KeyRing } from "./key-ring.ts";
import { Nonces, openText, sealText, versionOf } from "./seal.ts";
import { destroyTenantKeys, sampleMasterKeys } from "./store.ts";
import { TenantKeys, type TenantKeysParts, toContext } from "./tenant-keys.ts";

/** The cipher of a database, and the end of its keys. */
export interface Vault extends Cipher {
  /**
   * Destroys all keys of a tenant: what was sealed under them can never be read again, in this database and in every backup of which the key rows are not restored.
   * Other processes forget them within a minute. If something of the tenant is sealed later, it gets a new key. Calling it twice is safe.
   *
   * @returns how many keys were destroyed.
   */
  destroy(tenant: string): Promise<number>;
}

/** Opens the vault of a database; reads nothing yet. */
export function openVault(parts: TenantKeysParts): Vault {
  const keys = new TenantKeys(parts);
  const nonces = new Nonces();
  const ringsOf = async (items: readonly OfTenant<unknown>[], create: boolean): Promise<(tenant: string) => KeyRing> => {
    const rings = new Map<string, KeyRing>();
    const missing = new Set<string>();
    for (const { tenant } of items) {
      if (rings.has(tenant) || missing.has(tenant)) continue;
      const ring = keys.get(tenant);
      if (ring === undefined || (create && ring.newest === undefined)) missing.add(tenant);
      else rings.set(tenant, ring);
    }
    if (missing.size > 0) for (const [tenant, ring] of await keys.read(missing, create)) rings.set(tenant, ring);
    return (tenant) => {
      const ring = rings.get(tenant);
      if (ring === undefined) throw new Error(`The keys of tenant ${tenant} were not read.`);
      return ring;
    };
  };
  return {
    seal: async (items) => {
      const ringOf = await ringsOf(items, true);
      return items.map(({ tenant, value, purpose }) => {
        const ring = ringOf(tenant);
        if (ring.newest === undefined) throw destroyedMeanwhile(tenant);
        return sealText(ring.newest.key, ring.newest.version, ring.purpose(purpose), nonces.next(), value);
      });
    },
    open: async (items) => {
      const known = await ringsOf(items, false);
      // Under a key that another process has made since these were read.
      const later = items.filter(({ tenant, value }) => known(tenant).key(versionOf(value) ?? 0) === undefined);
      const reread = later.length === 0 ? undefined : await keys.read(new Set(later.map(({ tenant }) => tenant)), false);
      return items.map((item) => openOne(reread?.get(item.tenant) ?? known(item.tenant), item));
    },
    fingerprint: async (items) => {
      const ringOf = await ringsOf(items, true);
      return items.map(({ tenant, value }) => {
        const ring = ringOf(tenant);
        if (ring.newest === undefined) throw destroyedMeanwhile(tenant);
        return ring.fingerprint(value);
      });
    },
    destroy: async (tenant) => {
      const destroyed = await destroyTenantKeys(parts.db, tenant);
      keys.forget(tenant);
      return destroyed;
    },
  };
}

function openOne(ring: KeyRing, { tenant, purpose, value }: Sealable): Uint8Array | undefined {
  const version = versionOf(value);
  const key = version === undefined ? undefined : ring.key(version);
  if (key === null) return undefined;
  const text = key === undefined ? undefined : openText(key, ring.purpose(purpose), value);
  if (text !== undefined) return text;
  throw new BelayError("VAULT_SEAL_BROKEN", `A ${purpose} of tenant ${tenant} was not sealed as such here, or was changed since.`);
}

/** Between making a key and reading it back: the next attempt makes another. */
function destroyedMeanwhile(tenant: string): BelayError {
  return new BelayError("VAULT_KEYS_DESTROYED", `The keys of tenant ${tenant} were destroyed just now.`, { retry: "backoff" });
}

/**
 * Makes sure that every master key that is needed is there, so that a start with a wrong one fails and not the first message.
 *
 * @throws `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG`.
 */
export async function verifyMasterKeys({ db, provider }: Pick<TenantKeysParts, "db" | "provider">): Promise<void> {
  for (const { tenant, version, wrapped, masterKey } of await sampleMasterKeys(db))
    if (wrapped !== null) await provider.unwrap(masterKey, wrapped, toContext({ tenant, version }));
}
