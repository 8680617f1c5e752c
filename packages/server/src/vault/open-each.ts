import { isBelayError } from "@belay/sdk";
import type { Cipher, Sealable } from "./cipher.ts";

/** What could be opened, or why it could not. */
export type Opened = { readonly bytes: Uint8Array } | { readonly code: string; readonly error: string };

const destroyed: Opened = { code: "VAULT_KEYS_DESTROYED", error: "The keys of the tenant were destroyed: the contents are gone." };

/**
 * Opens things whose owners must not suffer from each other: what is wrong with one, or with the keys of one tenant, is said of that alone. Same order.
 *
 * @throws whatever is no `BelayError`, such as a database that does not answer: then nothing is known of any of them.
 */
export async function openEach(cipher: Cipher, items: readonly Sealable[]): Promise<Opened[]> {
  if (items.length === 0) return [];
  try {
    return (await cipher.open(items)).map((bytes) => (bytes === undefined ? destroyed : { bytes }));
  } catch (error) {
    if (!isBelayError(error)) throw error;
    if (items.length === 1) return [{ code: error.code, error: error.message }];
    // Halves: one that is broken among a thousand costs twenty more calls.
    const half = Math.ceil(items.length / 2);
    return [...(await openEach(cipher, items.slice(0, half))), ...(await openEach(cipher, items.slice(half)))];
  }
}
