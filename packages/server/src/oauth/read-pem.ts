import { createPrivateKey } from "node:crypto";
import type { KeyObject } from "node:crypto";

/** A private key in PEM; nothing for what is none. Environment variables often hold one with its line ends written as two characters. */
export function readPem(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem.replaceAll(String.raw`\n`, "\n"));
  } catch {
    // What the library says shows a piece of what was found, which is a secret.
    return undefined;
  }
}
