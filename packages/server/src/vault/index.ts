/**
 * What is kept secret at rest: the contents of messages, step results and exchanges, per tenant.
 *
 * Terms: to *seal* is to encrypt under a tenant's own *data key* (AES-256-GCM), bound to the tenant and to what it is for; data keys are *wrapped* by a *master key*,
 * which a *key provider* keeps outside the database. A *fingerprint* is a keyed hash, by which something is found again without being kept. To *destroy* a tenant's keys
 * makes whatever was sealed for it unreadable, wherever it lies.
 *
 * Tables owned: tenant_key.
 *
 * Invariants: a master key is never in the database, a data key only wrapped. A key that has sealed something is kept until it is destroyed on purpose. A nonce is used
 * once under a key. A fingerprint outlives rotations.
 *
 * @module
 */
export type { Cipher, OfTenant, Sealable } from "./cipher.ts";
export { vaultErrors } from "./errors.ts";
export { parseMasterKeys } from "./key-provider.ts";
export type { KeyProvider } from "./key-provider.ts";
export { openEach } from "./open-each.ts";
export type { Opened } from "./open-each.ts";
export { openVault, verifyMasterKeys } from "./open-vault.ts";
export type { Vault } from "./open-vault.ts";
export { readKeysInUse, rotateDataKeys, rotateMasterKey } from "./rotate-keys.ts";
export type { KeysInUse } from "./rotate-keys.ts";
