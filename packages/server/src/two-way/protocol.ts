import type { PageRecord } from "@belay/sdk/sync";
import type { FieldConflict, SideName } from "@belay/sdk/two-way";
import type { Creation } from "./types.ts";

/* What whoever merges and writes is told, and says. Plain data: it crosses to another thread. */

/** A record of a side as it is kept. */
export interface SideRecord {
  readonly externalId: string;
  /** JSON; null: it is deleted. */
  readonly data: string | null;
  readonly version: number | null;
  /** JSON, as the provider gave it: of the side that may be written. */
  readonly raw: string | null;
  /** What has kept it: the side's own sync, a two-way sync, or, where it is null, something that no system said. */
  readonly sync: string | null;
  /** Of its newest change. */
  readonly position: number;
}

/** A thing to be merged, and the side that may be written. */
export interface WriteRequest {
  readonly record: string;
  readonly side: SideName;
  /** What is remembered, JSON; null: it was never merged. */
  readonly state: string | null;
  /** null: that side has never had it. */
  readonly a: SideRecord | null;
  readonly b: SideRecord | null;
  /** Fields that somebody has decided, JSON. */
  readonly decided: string;
  readonly creation: Creation | null;
  /** Why the last create waited for another look. */
  readonly code: string | null;
  readonly revision: number;
  /** Sides whose record may be older than what was merged of it. */
  readonly doubts: readonly SideName[];
  /** The tenant's settings of the sync that reads the side, JSON. */
  readonly settings: string;
}

/** What becomes of a thing. */
export type WriteReport =
  /** It is about to be created; `data`: what it will be mapped to, canonical JSON. */
  | { readonly kind: "creating"; readonly data: string }
  /** The provider has refused the create, or was not reached: it is not there. */
  | { readonly kind: "uncreated" }
  | MergedReport;

/** It was merged, and its side has what it has to have, or waits. */
export interface MergedReport {
  readonly kind: "merged";
  /** JSON. */
  readonly state: string;
  readonly held: readonly FieldConflict[];
  /** Of those, the fields that waited before and that a side has changed since. */
  readonly reopened: readonly string[];
  /** As the side has it after the write. */
  readonly wrote?: PageRecord;
  /** The other side has to be told something. */
  readonly tellsOther: boolean;
  /** So is this side, by the next attempt. Default: it has what it is to have. */
  readonly unfinished?: boolean;
  /** It is to be created at this side, which has to be looked through first; `code`: why once more. */
  readonly awaits?: { readonly code: string | null };
}

/** `again`: somebody else has merged it meanwhile, and it has to be merged anew. `gone`: it is no such thing any more. */
export type WriteAnswer = { readonly kind: "kept" | "gone" } | { readonly kind: "again"; readonly request: WriteRequest };
