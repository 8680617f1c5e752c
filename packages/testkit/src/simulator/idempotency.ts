import type { Answer } from "./answer.ts";

/** What a provider says to a key it may have seen. */
export type KeyLookup =
  | { readonly state: "new" }
  | { readonly state: "running" }
  | { readonly state: "other-request" }
  | { readonly state: "done"; readonly answer: Answer };

interface Entry {
  readonly fingerprint: string;
  readonly answer?: Answer;
  readonly expiresAt: number;
}

/** The idempotency keys that a provider remembers for one account. */
export interface KeyMemory {
  /** Looks `key` up and, when it is new, marks it as running. `fingerprint` tells a repeat from a key used for something else. */
  begin(key: string, fingerprint: string, now: number): KeyLookup;
  /** Keeps the first answer for `keptForMs`. */
  finish(key: string, answer: Answer, now: number, keptForMs: number): void;
  /** Forgets a key whose request committed nothing: the next try is a first one. */
  release(key: string): void;
}

export function rememberKeys(): KeyMemory {
  const entries = new Map<string, Entry>();
  return {
    begin(key, fingerprint, now) {
      const entry = entries.get(key);
      if (entry === undefined || entry.expiresAt <= now) {
        entries.set(key, { fingerprint, expiresAt: Infinity });
        return { state: "new" };
      }
      if (entry.fingerprint !== fingerprint) return { state: "other-request" };
      return entry.answer === undefined ? { state: "running" } : { state: "done", answer: entry.answer };
    },
    finish(key, answer, now, keptForMs) {
      const entry = entries.get(key);
      if (entry !== undefined) entries.set(key, { fingerprint: entry.fingerprint, answer, expiresAt: now + keptForMs });
    },
    release(key) {
      entries.delete(key);
    },
  };
}
