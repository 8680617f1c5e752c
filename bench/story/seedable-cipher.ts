import { createHash } from "node:crypto";
import type { Cipher } from "../../packages/server/src/vault/index.ts";

/** Seals nothing: the seed writes millions of rows in SQL, which works the same fingerprints out and has no key. */
export const seedableCipher: Cipher = {
  seal: async (items) => items.map(({ value }) => value),
  open: async (items) => items.map(({ value }) => value),
  fingerprint: async (items) =>
    items.map(({ tenant, value }) => createHash("sha256").update(`${tenant}\n`).update(value).digest().subarray(0, 16)),
};
