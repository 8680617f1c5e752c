import type { Lane } from "../mailbox/index.ts";

/** `first`: nothing was ever read to its end. `full`: everything is read again. `incremental`: what has changed. */
export type WalkKind = "first" | "full" | "incremental" | "reconcile";

/** `incomplete`: it came to no end. `stopped`: somebody ended it. */
export type WalkState = "open" | "complete" | "incomplete" | "failed" | "stopped";

/** A sync at one connection. */
export interface SyncKey {
  readonly tenant: string;
  readonly sync: string;
  readonly connection: string;
}

/** An open walk as it is kept. */
export interface WalkRow extends SyncKey {
  readonly id: number;
  readonly kind: WalkKind;
  readonly lane: Lane;
  readonly revision: number;
  readonly countsSeen: boolean;
  /** Sealed. */
  readonly cursor: Uint8Array | null;
  readonly pages: number;
  /** By how many records there are more because of it. */
  readonly growth: number;
  /** What was changed behind this place of the tenant's feed, was known after the walk began. */
  readonly begunAfter: number;
  readonly startedAtMs: number;
  /** Of its sync. Sealed. */
  readonly progress: Uint8Array | null;
  /** The version of the mapping that everything was read by; null: nothing was. */
  readonly mapping: string | null;
  readonly troubles: number;
  readonly records: number;
  readonly paused: boolean;
  /** Records wait to be deleted. */
  readonly hasHeld: boolean;
  /** Nothing waits, or its time is over. */
  readonly isHoldOver: boolean;
}
