/**
 * What is kept secret at rest: the contents of messages, step results and exchanges, per tenant.
 *
 * Terms: to *seal* is to encrypt under a tenant's own key; a *fingerprint* is a keyed hash, by which something is found again without being kept.
 *
 * Tables owned: none.
 *
 * @module
 */
export { plainCipher } from "./plain-cipher.ts";
export type { Cipher, OfTenant } from "./cipher.ts";
