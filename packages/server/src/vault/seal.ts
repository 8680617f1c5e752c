import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from "node:crypto";

const algorithm = "aes-256-gcm";
const format = 1;
const headBytes = 3;
const nonceBytes = 12;
const tagBytes = 16;

/**
 * Nonces of one process: 8 random bytes and a counter. Random ones alone would begin to repeat after 2^32 seals under one key, which a busy tenant reaches in weeks;
 * these allow that many for every prefix, and draw another one then.
 *
 * @see https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf 8.2.1 and 8.3
 */
export class Nonces {
  #next = Buffer.alloc(nonceBytes);
  #left = 0;

  /** Good until the next call. */
  next(): Uint8Array {
    if (this.#left === 0) {
      // Not one that tests can choose: two processes must never agree.
      this.#next = Buffer.concat([randomBytes(8), Buffer.alloc(4)]);
      this.#left = 2 ** 32;
    }
    this.#left -= 1;
    this.#next.writeUInt32BE(this.#left, 8);
    return this.#next;
  }
}

/**
 * Encrypts, and binds the text to what it is for: one byte that tells the format, two of the key's version, 12 of the nonce, the text, 16 of the tag.
 * The format is no byte that JSON or readable text begins with.
 */
export function sealText(key: KeyObject, version: number, purpose: Uint8Array, nonce: Uint8Array, text: Uint8Array): Uint8Array {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(purpose);
  const sealed = Buffer.allocUnsafe(headBytes + nonceBytes + text.byteLength + tagBytes);
  sealed[0] = format;
  sealed.writeUInt16BE(version, 1);
  sealed.set(nonce, headBytes);
  sealed.set(cipher.update(text), headBytes + nonceBytes);
  // In this mode nothing is left for the end, but the tag is there only after it.
  cipher.final();
  sealed.set(cipher.getAuthTag(), sealed.byteLength - tagBytes);
  return sealed;
}

/** The version of the key that something is sealed under; `undefined` for what was not sealed here. */
export function versionOf(sealed: Uint8Array): number | undefined {
  if (sealed.byteLength < headBytes + nonceBytes + tagBytes || sealed[0] !== format) return undefined;
  return ((sealed[1] ?? 0) << 8) | (sealed[2] ?? 0);
}

/** `undefined` when it was changed, or was sealed under another key or for another purpose. What it is given must have a version. */
export function openText(key: KeyObject, purpose: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  const textAt = headBytes + nonceBytes;
  const tagAt = sealed.byteLength - tagBytes;
  const decipher = createDecipheriv(algorithm, key, sealed.subarray(headBytes, textAt), { authTagLength: tagBytes });
  decipher.setAAD(purpose);
  decipher.setAuthTag(sealed.subarray(tagAt));
  const text = decipher.update(sealed.subarray(textAt, tagAt));
  try {
    decipher.final();
    return text;
  } catch {
    // The tag does not fit: the caller knows what it was and says so.
    return undefined;
  }
}
