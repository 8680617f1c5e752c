import type { Changes } from "../../connector/changes.ts";
import { toMs } from "../../duration.ts";

/** What a sync knows about its source between two walks. JSON. */
export interface SyncPosition {
  /** Every change up to this time of the provider's is known, those of the lookback aside. Milliseconds since the epoch. */
  readonly watermarkMs?: number;
  /** Stands at the provider for what is known, and since when it does. */
  readonly token?: string;
  readonly tokenAtMs?: number;
  /** When the last walk began that came to its end. */
  readonly walkedAtMs?: number;
  /** When the last walk through everything began that came to its end, and the last one that was proven complete. */
  readonly fullAtMs?: number;
  readonly provenAtMs?: number;
  /** The provider has refused the token. */
  readonly tokenRefused?: true;
}

export interface NextWalkOptions {
  readonly nowMs: number;
  /**
   * How often everything is read although changes can be had: finds what the provider deleted without telling, and what was missed. Default:
   * never where the provider tells of deletions and the last walk through everything was proven complete, else once a day.
   */
  readonly fullEveryMs?: number;
}

/** Why everything is read again. */
export type WhyFull = "changes-not-declared" | "no-position" | "too-late" | "token-refused" | "due";

/** The walk that a sync makes next. */
export type NextWalk =
  /** Nothing was ever read to the end. */
  | { readonly kind: "first" }
  | { readonly kind: "full"; readonly why: WhyFull }
  | { readonly kind: "incremental"; readonly sinceMs: number }
  | { readonly kind: "incremental"; readonly token: string };

const dayMs = 86_400_000;

/** Decides it. Pure; the same question has the same answer. */
export function nextWalkOf(changes: Changes | undefined, position: SyncPosition, { nowMs, fullEveryMs }: NextWalkOptions): NextWalk {
  if (position.fullAtMs === undefined) return { kind: "first" };
  if (changes === undefined) return { kind: "full", why: "changes-not-declared" };
  if (position.tokenRefused === true) return { kind: "full", why: "token-refused" };
  const tellsDeletions = changes.tombstone !== undefined || changes.deleted !== undefined;
  const isProven = position.provenAtMs === position.fullAtMs;
  const everyMs = fullEveryMs ?? (tellsDeletions && isProven ? Infinity : dayMs);
  if (nowMs - position.fullAtMs >= everyMs) return { kind: "full", why: "due" };
  if (isTooLate(changes, position, nowMs)) return { kind: "full", why: "too-late" };
  if (changes.by.kind === "token") {
    return position.token === undefined ? { kind: "full", why: "no-position" } : { kind: "incremental", token: position.token };
  }
  // A resource without records has no newest change; what began before the walk began has been seen.
  const sinceMs = position.watermarkMs ?? position.fullAtMs;
  return { kind: "incremental", sinceMs };
}

/** Whether the provider may have forgotten changes since the last walk. A tenth is kept back for the time that the walk itself takes. */
function isTooLate({ keptFor, deleted, by }: Changes, { walkedAtMs, tokenAtMs, fullAtMs }: SyncPosition, nowMs: number): boolean {
  const lasting = [keptFor, deleted?.keptFor].filter((kept) => kept !== undefined).map((kept) => toMs(kept));
  const sinceMs = (by.kind === "token" ? tokenAtMs : walkedAtMs) ?? fullAtMs ?? 0;
  return lasting.some((keptMs) => nowMs - sinceMs >= keptMs * 0.9);
}
