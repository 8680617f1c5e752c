import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** A key in its two parts: `belay_<id>_<secret>`. */
export interface KeyText {
  /** Public: by it a key is listed, revoked and found; 12 hexadecimal digits. */
  readonly id: string;
  /** Of the whole text. */
  readonly hash: Uint8Array;
}

const shape = /^belay_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** Makes a key of 256 random bits. The text is shown once and kept nowhere. */
export function makeKey(): KeyText & { readonly text: string } {
  const id = randomBytes(6).toString("hex");
  const text = `belay_${id}_${randomBytes(32).toString("base64url")}`;
  return { id, text, hash: hashOf(text) };
}

/** Reads a key; `undefined` for what cannot be one, so that it costs no look into the database. */
export function readKey(text: string): KeyText | undefined {
  const id = shape.exec(text)?.[1];
  return id === undefined ? undefined : { id, hash: hashOf(text) };
}

/** Whether a hash is the one that is kept, in a time that does not depend on where they differ. */
export function isSameHash(given: Uint8Array, kept: Uint8Array): boolean {
  return given.length === kept.length && timingSafeEqual(given, kept);
}

/** A fast hash is enough: it protects 256 random bits, which cannot be guessed, and not a password, which can. It is computed for every request. */
function hashOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
