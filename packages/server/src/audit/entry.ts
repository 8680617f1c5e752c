import { createHash } from "node:crypto";

/** `done`: a change was made. `read`: something was shown. `refused`: somebody was kept out, or asked for what is not theirs. `failed`: it did not work. */
export type AuditOutcome = "done" | "read" | "refused" | "failed";

/** What an entry tells, without its place in the chain. */
export interface AuditContent {
  /** ISO 8601 in UTC, milliseconds. */
  readonly at: string;
  /** Whose things it was about; empty where about those of all, or of none. */
  readonly tenant: string;
  readonly actor: string;
  /** Empty for somebody unknown. */
  readonly role: string;
  /** The permission that it needed, or `sign-in` and the like. */
  readonly action: string;
  /** What it was done to: `id=12`. Without personal data. */
  readonly object: string;
  readonly outcome: AuditOutcome;
  /** Of the answer. */
  readonly status: number;
  /** Of the error; empty where there was none. */
  readonly code: string;
  /** How many times; more than 1 only for refusals that came too thick to be written down each. */
  readonly count: number;
  /** The network address, sealed; base64. `null` where none is known. */
  readonly address: string | null;
}

/** An entry in its place. Hashes are hexadecimal. */
export interface AuditEntry extends AuditContent {
  /** Counted from 1, without gaps. */
  readonly number: number;
  /** Hash of the entry before; 64 zeros for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** What the first entry is chained to. */
export const beginning = "0".repeat(64);

/**
 * The hash of an entry: SHA-256 over the JSON text of a list, of the hash before and the content in this order. A list, because the order of an object's members is not the
 * same in every language that may want to check an export.
 */
export function hashEntry(entry: Omit<AuditEntry, "hash">): string {
  const { previous, number, at, tenant, actor, role, action, object, outcome, status, code, count, address } = entry;
  const canonical = JSON.stringify([previous, number, at, tenant, actor, role, action, object, outcome, status, code, count, address]);
  return createHash("sha256").update(canonical).digest("hex");
}
