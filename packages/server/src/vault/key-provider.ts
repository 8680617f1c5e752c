import { createSecretKey, type KeyObject } from "node:crypto";
import { BelayError } from "@belay/sdk";
import { Nonces, openText, sealText, versionOf } from "./seal.ts";

/** Whoever keeps the master keys: this process, or a key management service, which never hands them out. */
export interface KeyProvider {
  /** The id of the master key that wraps from now on. */
  readonly current: string;
  /** Encrypts a data key of 32 bytes under the current master key. `context` has to be given again to unwrap it. */
  wrap(dataKey: Uint8Array, context: string): Promise<Uint8Array>;
  /** @throws `VAULT_MASTER_KEY_UNKNOWN` for a master key it does not have, `VAULT_MASTER_KEY_WRONG` for one that did not wrap this, in this context. */
  unwrap(masterKey: string, wrapped: Uint8Array, context: string): Promise<Uint8Array>;
}

const keyBytes = 32;
const idForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The format has a place for it; a wrapped key says by an id which master key it needs. */
const noVersion = 0;

/**
 * Master keys in this process, from text: `id:base64` of 32 bytes; several are separated by commas or white space. The first wraps, all unwrap.
 *
 * @throws `VAULT_MASTER_KEY_INVALID` naming the place, never the key.
 */
export function parseMasterKeys(text: string): KeyProvider {
  const keys = new Map<string, KeyObject>();
  const parts = text.split(/[\s,]+/).filter((part) => part !== "");
  parts.forEach((part, index) => {
    const at = part.indexOf(":");
    const id = part.slice(0, Math.max(at, 0));
    const key = Buffer.from(part.slice(at + 1), "base64");
    if (!idForm.test(id) || key.byteLength !== keyBytes) throw invalid(`Master key ${index + 1} is not id:base64 of ${keyBytes} bytes`);
    if (keys.has(id)) throw invalid(`Master key ${index + 1} has the id of another, "${id}"`);
    keys.set(id, createSecretKey(key));
  });
  const [first] = keys;
  if (first === undefined) throw invalid("There is no master key");
  const [current, wrapping] = first;
  const nonces = new Nonces();
  return {
    current,
    wrap: async (dataKey, context) => sealText(wrapping, noVersion, toPurpose(context), nonces.next(), dataKey),
    unwrap: async (masterKey, wrapped, context) => {
      const key = keys.get(masterKey);
      if (key === undefined)
        throw new BelayError("VAULT_MASTER_KEY_UNKNOWN", `Keys of tenants are wrapped by master key "${masterKey}", which was not given.`);
      const dataKey = versionOf(wrapped) === noVersion ? openText(key, toPurpose(context), wrapped) : undefined;
      if (dataKey === undefined)
        throw new BelayError("VAULT_MASTER_KEY_WRONG", `Master key "${masterKey}" is not the one that wrapped ${context}.`);
      return dataKey;
    },
  };
}

/** Bound to where it lies: a tenant's key put in another's place must not open anything. */
function toPurpose(context: string): Uint8Array {
  return Buffer.from(`tenant_key.wrapped\n${context}`);
}

function invalid(what: string): BelayError {
  return new BelayError("VAULT_MASTER_KEY_INVALID", `${what}; belay keys new-master prints one as it has to be.`);
}
