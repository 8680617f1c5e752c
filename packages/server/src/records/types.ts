import type { Db } from "../db/index.ts";
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

/** A record as it is kept, and what it is. */
export interface KnownRecord extends KeptRecord {
  /** What it was last mapped to: its sync may have another target by now. */
  readonly model: string;
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
  /** The source's version of what it replaces: while it was worked out, somebody may have met a newer one. */
  readonly previousVersion: number | null;
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

/** A record that nobody knew. */
export interface NewRecord {
  readonly externalId: string;
  /** The canonical id that it gets, unless it is something that is known. */
  readonly id: string;
  /** Hexadecimal. */
  readonly hash: string;
  /** Canonical JSON. */
  readonly data: string;
  /** What it is recognised by: the kind, and the keyed hash in hexadecimal. */
  readonly keys: readonly { readonly kind: string; readonly key: string }[];
}

/** What was found out about new records. */
export interface Identified {
  /** Canonical ids by external id; those that are missing are things of their own. */
  readonly ids: ReadonlyMap<string, string>;
  /** Whether it still holds: asked under the lock of the tenant's feed, whose end was there before the page. */
  readonly confirm: (tx: Db, end: number) => Promise<boolean>;
  /** Writes down what has to be decided by somebody, once the records are there. */
  readonly keep: (tx: Db) => Promise<void>;
}

/** Finds out whether new records are things that are known already. Reads, and writes nothing. */
export type Identify = (origin: RecordOrigin, records: readonly NewRecord[]) => Promise<Identified>;

/** What a page changes, worked out and sealed. */
export interface PagePlan {
  readonly origin: RecordOrigin;
  readonly changed: readonly PlannedRecord[];
  readonly touched: readonly TouchedRecord[];
  readonly troubles: readonly PlannedTrouble[];
  /** The ids of all its records that have one: they are there, whatever became of them. */
  readonly ids: readonly string[];
  /** The ids of those that are there yet, and that the provider has named as deleted: whoever has the page decides about them, and they are none of `ids`. */
  readonly leaving: readonly string[];
  /** Troubles that were tried again with it, or are none any more because their records are gone. */
  readonly retried: readonly string[];
  readonly counts: Omit<AppliedCounts, "troubles">;
  /** What was found out about those that are new, where somebody looked. */
  readonly identified?: Identified;
}
