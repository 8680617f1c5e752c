import type { SyncKey } from "../syncs/index.ts";

/**
 * How what Belay keeps of a record can be other than what its provider lists. `missing`: the provider has it, Belay has not. `extra`: Belay has it, the provider has not.
 * `stale`: Belay has an older version. `differing`: the same version, and not what today's mapping makes of it. `duplicated`: Belay keeps twice what the provider lists once.
 * `wrongly-linked`: it has the canonical id of something else.
 */
export const discrepancyClasses = ["missing", "extra", "stale", "differing", "duplicated", "wrongly-linked"] as const;
export type DiscrepancyClass = (typeof discrepancyClasses)[number];

/** By what a discrepancy was recognised. */
export const discrepancyReasons = {
  "never-kept": "The provider lists it, and it was never taken.",
  "kept-as-deleted": "The provider lists it, and it is kept as deleted.",
  "not-listed": "A complete listing has it no more.",
  "not-ours": "The mapping says of it that it is none of ours.",
  "newer-at-provider": "The provider has a newer version.",
  "changed-at-provider": "The provider has changed it, and counts no versions.",
  "mapped-otherwise": "It is the same at the provider, and today's mapping makes something else of it.",
  "older-at-provider": "What is kept says that it is newer than what the provider has.",
  "changed-without-version": "The provider has changed it, and counts the same version.",
  "keys-differ": "It would be recognised by other values than it is.",
  "contents-differ": "What is kept of it is not what its hash says.",
  "contents-unreadable": "What is kept of it cannot be read.",
  "same-data": "The provider does not list it, and lists another that holds the same.",
  "same-keys": "The provider does not list it, and lists another that is recognised by all that it is recognised by.",
  "id-differs-from-feed": "Its canonical id is not the one that it was told of by.",
  "shared-without-match": "It shares its canonical id with another record of the same resource, and nothing that they are recognised by.",
} as const;
export type DiscrepancyReason = keyof typeof discrepancyReasons;

/** `write`: as the provider has it. `delete`: it goes, if the sync's policy lets it. `relink`: it gets its own canonical id. */
export type Repair = "write" | "delete" | "relink";

/** Why something of a plan was left alone. `changed-since`: it is no longer what it was when it was compared. `walked-since`: a walk may have seen it since. */
export type SkipReason = "changed-since" | "walked-since" | "unreadable";

export interface Finding {
  readonly class: DiscrepancyClass;
  readonly why: DiscrepancyReason;
  readonly repair: Repair;
}

/** A discrepancy as it is written down. */
export interface NewDiscrepancy extends Finding {
  readonly externalId: string;
  /** Canonical id; null: there is no record. */
  readonly record: string | null;
  readonly position: number | null;
  readonly version: number | null;
  /** Of what is kept twice, the external id of the other; of what is linked wrongly, the canonical id that is right, null for a new one. */
  readonly other: string | null;
  /** Sealed. */
  readonly contents: Uint8Array | null;
}

/** A discrepancy as it is kept. */
export interface DiscrepancyRow extends NewDiscrepancy {
  readonly state: "open" | "applied" | "skipped";
  readonly whySkipped: SkipReason | null;
}

/** A comparison of a sync at a connection. */
export interface ReconciliationKey extends SyncKey {
  readonly id: number;
}
