import { createHmac, type KeyObject, timingSafeEqual } from "node:crypto";

/** How a signature is computed and written down. */
export interface HmacFormat {
  readonly algorithm: "sha1" | "sha256" | "sha512";
  readonly encoding: "hex" | "base64";
}

const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

/** The HMAC of `chunks`, one after another, as the provider would write it. Text is signed as UTF-8, bytes as they are. */
export function computeSignature(format: HmacFormat, key: KeyObject, chunks: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac(format.algorithm, key);
  for (const chunk of chunks) hmac.update(chunk);
  return hmac.digest(format.encoding);
}

/**
 * Whether `text` has the one shape a signature of this format can have: lower-case hex or padded base64 of the digest's length.
 * Decoders are more forgiving (upper-case hex, stray bits in base64), and what they forgive an altered signature could use.
 */
export function isSignatureText(format: HmacFormat, text: string): boolean {
  const bytes = digestBytes[format.algorithm];
  if (format.encoding === "hex") return text.length === bytes * 2 && /^[0-9a-f]+$/.test(text);
  return text.length === Math.ceil(bytes / 3) * 4 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}

/**
 * Whether one of the `received` signatures is one of the `expected` ones. Every pair is compared, in constant time, whatever the
 * outcome of the pairs before: neither how much of a signature was right nor which secret matched shows in the time taken.
 */
export function matchesAnySignature(expected: readonly string[], received: readonly string[]): boolean {
  let matched = false;
  for (const right of expected) {
    for (const candidate of received) matched = isSameText(right, candidate) || matched;
  }
  return matched;
}

function isSameText(right: string, candidate: string): boolean {
  const rightBytes = Buffer.from(right, "utf8");
  const candidateBytes = Buffer.from(candidate, "utf8");
  // timingSafeEqual throws on unequal lengths; the length of a signature is public.
  return rightBytes.length === candidateBytes.length && timingSafeEqual(rightBytes, candidateBytes);
}
