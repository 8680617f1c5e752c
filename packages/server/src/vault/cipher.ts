/** Something of one tenant. */
export interface OfTenant<T> {
  readonly tenant: string;
  readonly value: T;
}

/** Something of one tenant that is sealed for one purpose, and opens for no other. */
export interface Sealable extends OfTenant<Uint8Array> {
  /** What it is, as `table.column`; of a thing that must not be put in another's place, its id as well. */
  readonly purpose: string;
}

/**
 * Encrypts and finds again what belongs to tenants. In batches, because a tenant's key may have to be read first: never inside a transaction, then, which holds the
 * only connection of an embedded database.
 *
 * @throws `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG`, and what the database or the `KeyProvider` throws when a key has to be read.
 */
export interface Cipher {
  /** Same order. Sealing twice gives two different texts. The first seal of a tenant makes its key. */
  seal(items: readonly Sealable[]): Promise<Uint8Array[]>;
  /** Same order; `undefined` where the tenant's key has been destroyed. @throws `VAULT_SEAL_BROKEN` for what was not sealed here for this, or was changed since. */
  open(items: readonly Sealable[]): Promise<(Uint8Array | undefined)[]>;
  /** 16 bytes each, in the same order: the same for the same tenant and value, also after a rotation, and of no use without the key. */
  fingerprint(items: readonly OfTenant<string | Uint8Array>[]): Promise<Uint8Array[]>;
}
