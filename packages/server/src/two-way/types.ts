import type { SideName } from "@belay/sdk/two-way";

/** A two-way sync of a tenant. */
export interface TwoWayKey {
  readonly tenant: string;
  readonly twoWay: string;
}

/** A thing in it, by its canonical id. */
export interface LinkKey extends TwoWayKey {
  readonly record: string;
}

/**
 * How a thing stands: `waiting` to be merged, written or looked for; `equal`, as far as the rules want it; `held`, because somebody has to decide; `failed`, because a write was given
 * up; `gone` from both sides.
 */
export const standings = ["waiting", "equal", "held", "failed", "gone"] as const;
export type Standing = (typeof standings)[number];

/** `looked`: it is not at the side where it is to be created. `sent`: it may have been created there since, nobody knows. */
export type Creation = "looked" | "sent";

/** What was merged of a side: its record, in the version at a place of the feed. */
export interface MergedSide {
  readonly id: string | null;
  readonly position: number | null;
}

/** A thing as it is kept. */
export interface LinkRow {
  readonly record: string;
  readonly revision: number;
  /** Sealed; null: never merged. */
  readonly state: Uint8Array | null;
  readonly a: MergedSide;
  readonly b: MergedSide;
  readonly stands: Standing;
  readonly awaits: SideName | null;
  readonly creation: Creation | null;
  /** When the walk began by which it was looked for last; null: it never was. */
  readonly lookedSince: string | null;
  readonly code: string | null;
}
