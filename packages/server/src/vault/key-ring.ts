import { createSecretKey, type KeyObject } from "node:crypto";
import { FingerprintKey } from "./fingerprint-key.ts";

/** A data key. */
export interface DataKey {
  readonly version: number;
  readonly key: KeyObject;
}

/** The keys of one tenant, unwrapped. */
export class KeyRing {
  /** When they were read, ms. */
  readonly readAtMs: number;
  /** Seals; `undefined` when there is none, or none any more. */
  readonly newest: DataKey | undefined;
  readonly #tenant: string;
  /** `null`: destroyed. */
  readonly #keys: ReadonlyMap<number, KeyObject | null>;
  readonly #purposes = new Map<string, Uint8Array>();
  #fingerprintKey: FingerprintKey | undefined;

  constructor(tenant: string, keys: ReadonlyMap<number, KeyObject | null>, readAtMs: number) {
    this.#tenant = tenant;
    this.#keys = keys;
    this.readAtMs = readAtMs;
    const [version, key] = [...keys].findLast(([, one]) => one !== null) ?? [];
    this.newest = version === undefined || !key ? undefined : { version, key };
  }

  /** The highest version that was given, also of a destroyed key; 0 when there was none. */
  get highest(): number {
    return Math.max(0, ...this.#keys.keys());
  }

  /** `null`: destroyed; `undefined`: there is no such key, or it was made after these were read. */
  key(version: number): KeyObject | null | undefined {
    return this.#keys.get(version);
  }

  /** What a seal is bound to. */
  purpose(name: string): Uint8Array {
    let purpose = this.#purposes.get(name);
    if (purpose === undefined) {
      purpose = Buffer.from(`${name}\n${this.#tenant}`);
      // Some name a row: few are worth keeping.
      if (this.#purposes.size < 32) this.#purposes.set(name, purpose);
    }
    return purpose;
  }

  /** 16 bytes under a key that is derived from the oldest living one, so that rotations do not change it. There must be one. */
  fingerprint(value: string | Uint8Array): Uint8Array {
    if (this.#fingerprintKey === undefined) {
      const oldest = this.#keys.values().find((key) => key !== null);
      if (!oldest) throw new Error("There is no key to take a fingerprint under.");
      this.#fingerprintKey = new FingerprintKey(oldest);
    }
    return this.#fingerprintKey.fingerprint(value);
  }
}

/** Not kept as bytes, so that no inspection of an object shows them. */
export const toKey = (bytes: Uint8Array): KeyObject => createSecretKey(bytes);
