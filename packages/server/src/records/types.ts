import type { NewChange } from "../feed/index.ts";

/** Whose records they are, and how they came. */
export interface RecordOrigin {
  readonly tenant: string;
  readonly connection: string;
  readonly resource: string;
  readonly model: string;
  readonly sync: string;
  /** The version of the mapping. */
  readonly mapping: string;
  readonly walk: number;
}

/** What became of the records of a page. */
export interface AppliedCounts {
  readonly created: number;
  /** Those that came back after they were deleted included. */
  readonly updated: number;
  /** Those whose version is older than what is kept included. */
  readonly unchanged: number;
  readonly deleted: number;
  readonly troubled: number;
  /** By how many there are more records now. */
  readonly growth: number;
  /** By how many there are more troubles now; known when the plan is applied. */
  readonly troubles: number;
}

/** A record as it is kept. */
export interface KeptRecord {
  readonly externalId: string;
  readonly id: string;
  /** Hexadecimal; null: it is deleted. */
  readonly hash: string | null;
  readonly version: number | null;
  readonly position: number;
}

/** A record that changes. */
export interface PlannedRecord {
  readonly externalId: string;
  readonly kind: NewChange["kind"];
  readonly id: string;
  readonly hash: string | null;
  readonly version: number | null;
  /** The position of the version that it replaces; null: there is none. */
  readonly previous: number | null;
  /** Hexadecimal. */
  readonly keys: readonly string[] | null;
  /** Sealed. */
  readonly contents: Uint8Array | undefined;
}

/** Only its version is newer: the record is what it was. */
export interface TouchedRecord {
  readonly externalId: string;
  readonly version: number;
  readonly position: number;
}

export interface PlannedTrouble {
  readonly externalId: string;
  readonly code: string;
  /** Sealed, hexadecimal. */
  readonly contents: string;
}

/** What a page changes, worked out and sealed. */
export interface PagePlan {
  readonly origin: RecordOrigin;
  readonly changed: readonly PlannedRecord[];
  readonly touched: readonly TouchedRecord[];
  readonly troubles: readonly PlannedTrouble[];
  /** The ids of all its records that have one: they are there, whatever became of them. */
  readonly ids: readonly string[];
  /** Troubles that were tried again with it. */
  readonly retried: readonly string[];
  readonly counts: Omit<AppliedCounts, "troubles">;
}
