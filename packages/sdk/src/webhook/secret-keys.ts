import { createSecretKey, type KeyObject } from "node:crypto";
import { BelayError } from "../errors/belay-error.ts";
import type { Secret } from "../secret.ts";

/** Turns a secret into the key of the HMAC; `undefined` when it is no key, so that nothing can be signed or believed with it. */
export type KeyReader = (secret: Secret) => KeyObject | undefined;

/** The secret's own text is the key. An empty one is none: anybody could sign with it. */
export const readTextKey = remembering((secret) => Buffer.from(secret.reveal(), "utf8"));

/** `whsec_` and base64 of the key; the prefix may be left out. @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
export const readStandardKey = remembering((secret) => {
  const text = secret.reveal().replace(/^whsec_/, "");
  // Node's decoder skips what is not base64, so a mangled secret would quietly become another, possibly empty, key.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, "base64");
});

/** Keeps the key as long as its secret lives: given as bytes for every signature it costs 14 µs with a 1 KB body instead of 2. */
function remembering(read: (secret: Secret) => Uint8Array | undefined): KeyReader {
  const known = new WeakMap<Secret, { readonly key: KeyObject | undefined }>();
  return (secret) => {
    const entry = known.get(secret);
    if (entry !== undefined) return entry.key;
    const bytes = read(secret);
    const key = bytes === undefined || bytes.byteLength === 0 ? undefined : createSecretKey(bytes);
    known.set(secret, { key });
    return key;
  };
}

/** The keys of all usable secrets. */
export function readKeys(secrets: readonly Secret[], readKey: KeyReader): KeyObject[] {
  return secrets.map(readKey).filter((key) => key !== undefined);
}

/** @throws `SDK_WEBHOOK_SECRET_INVALID` when the secret is no key in this scheme. */
export function readSigningKey(secret: Secret, readKey: KeyReader): KeyObject {
  const key = readKey(secret);
  if (key === undefined) {
    throw new BelayError(
      "SDK_WEBHOOK_SECRET_INVALID",
      "The webhook secret is empty or not written as this scheme needs it; copy it again from the provider.",
    );
  }
  return key;
}
