import { hash, hkdfSync, type KeyObject } from "node:crypto";

const blockBytes = 64;
const hashBytes = 32;
const fingerprintBytes = 16;
/** Longer values get a place of their own. */
const longestKept = 16_384;

/**
 * HMAC-SHA-256 under one key, cut to 16 bytes. From two plain hashes: an object of the library for each value takes longer to make, and to collect, than hashing does, and a walk
 * needs two for each record.
 *
 * @see RFC 2104, section 2
 */
export class FingerprintKey {
  /** The key's first block, and room for a value. Private, so that no inspection of an object shows it. */
  readonly #inner = Buffer.alloc(blockBytes + longestKept, 0x36);
  /** The key's second block, and room for the first hash. */
  readonly #outer = Buffer.alloc(blockBytes + hashBytes, 0x5c);

  /** Derives a key that no other purpose has. */
  constructor(key: KeyObject) {
    const derived = new Uint8Array(hkdfSync("sha256", key.export(), new Uint8Array(0), "belay fingerprint", hashBytes));
    for (const [index, byte] of derived.entries()) {
      this.#inner.writeUInt8(this.#inner.readUInt8(index) ^ byte, index);
      this.#outer.writeUInt8(this.#outer.readUInt8(index) ^ byte, index);
    }
  }

  fingerprint(value: string | Uint8Array): Uint8Array {
    // By way of strings: a digest in bytes of its own takes as long as the hash.
    this.#outer.write(hash("sha256", this.#withValue(value), "binary"), blockBytes, "binary");
    return Buffer.from(hash("sha256", this.#outer, "binary").slice(0, fingerprintBytes), "binary");
  }

  /** Good until the next call. */
  #withValue(value: string | Uint8Array): Uint8Array {
    // A character of a string takes three bytes at most.
    const most = typeof value === "string" ? value.length * 3 : value.byteLength;
    const room = most <= longestKept ? this.#inner : Buffer.concat([this.#inner.subarray(0, blockBytes), Buffer.alloc(most)]);
    if (typeof value === "string") return room.subarray(0, blockBytes + room.write(value, blockBytes));
    room.set(value, blockBytes);
    return room.subarray(0, blockBytes + value.byteLength);
  }
}
