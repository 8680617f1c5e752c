/** Something of one tenant. */
export interface OfTenant<T> {
  readonly tenant: string;
  readonly value: T;
}

/** Encrypts and finds again what belongs to tenants. In batches: a tenant's key may have to be read first. */
export interface Cipher {
  /** Same order. Sealing twice gives two different texts. */
  seal(items: readonly OfTenant<Uint8Array>[]): Promise<Uint8Array[]>;
  /** Same order; `undefined` where the tenant's key has been destroyed. @throws `VAULT_SEAL_BROKEN` for what was not sealed here, or was changed since. */
  open(items: readonly OfTenant<Uint8Array>[]): Promise<(Uint8Array | undefined)[]>;
  /** 16 bytes each, in the same order: the same for the same tenant and text, and of no use without the key. */
  fingerprint(items: readonly OfTenant<string>[]): Promise<Uint8Array[]>;
}
