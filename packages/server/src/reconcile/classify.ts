import type { Finding } from "./types.ts";

/** What the provider lists, mapped by today's mapping; null: the mapping says that it is none of ours. */
export interface ListedSide {
  readonly hash: string;
  /** Each once, sorted. */
  readonly keys: readonly string[];
  readonly version: number | null;
}

/** What is kept. */
export interface KeptSide {
  /** null: it is kept as deleted. */
  readonly hash: string | null;
  readonly keys: readonly string[];
  readonly version: number | null;
  /** Whether the provider's own record is still the one that it was mapped from; undefined: that cannot be read. Looked at where the hashes differ only. */
  readonly isSameRaw: boolean | undefined;
}

/**
 * What is wrong with a record that the provider lists, if anything. Versions count before contents: what is newer at the provider is stale, whatever else there is.
 *
 * Pure; the same sides have the same answer.
 */
export function classify(listed: ListedSide | null, kept: KeptSide | undefined): Finding | undefined {
  const isKept = kept !== undefined && kept.hash !== null;
  if (listed === null) return isKept ? { class: "extra", why: "not-ours", repair: "delete" } : undefined;
  if (kept === undefined) return { class: "missing", why: "never-kept", repair: "write" };
  if (kept.hash === null) return { class: "missing", why: "kept-as-deleted", repair: "write" };
  if (kept.hash === listed.hash)
    return sameTexts(kept.keys, listed.keys) ? undefined : { class: "differing", why: "keys-differ", repair: "write" };
  return { ...ofDifferent(listed, kept), repair: "write" };
}

function ofDifferent(listed: ListedSide, kept: KeptSide): Pick<Finding, "class" | "why"> {
  const order = listed.version === null || kept.version === null ? null : Math.sign(listed.version - kept.version);
  if (order === 1) return { class: "stale", why: "newer-at-provider" };
  if (kept.isSameRaw === true) return { class: "differing", why: "mapped-otherwise" };
  if (order === -1) return { class: "differing", why: "older-at-provider" };
  if (kept.isSameRaw === undefined) return { class: "differing", why: "contents-unreadable" };
  return order === null ? { class: "stale", why: "changed-at-provider" } : { class: "differing", why: "changed-without-version" };
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

/** What is wrong with a record whose hash is right, by what is kept of it; undefined: nothing. `texts`: canonical JSON; undefined: it cannot be read. */
export function classifyContents(listed: string, kept: string | undefined): Finding | undefined {
  if (kept === listed) return undefined;
  return { class: "differing", why: kept === undefined ? "contents-unreadable" : "contents-differ", repair: "write" };
}
