/**
 * The vocabulary of a history of syncs: what happens to the records of a provider, what people ask of the sync, and what goes wrong. As in the kernel, a history is a
 * list of steps of which some can be left out: an edit or a fault names no page or statement, but the time from which it lies in wait and how many chances it lets pass.
 *
 * @module
 */
import type { Action } from "../kernel/steps.ts";

export const tenant = "acme";
export const syncId = "items";
export const connectionId = "acme-source";

/** What one edit does to records. `bad` ones cannot be mapped, `other` ones are none of ours; what is taken back is as it was before its last change. */
export const editKinds = ["create", "update", "touch", "delete", "merge", "spoil", "mend", "set-aside", "take-back"] as const;
export type EditKind = (typeof editKinds)[number];

/** `row`: which of the living records it begins with, counted from the oldest and round again; `count`: how many in a row it meets. */
export interface Edit {
  readonly kind: "edit";
  readonly what: EditKind;
  readonly row: number;
  readonly count: number;
  /** It comes after so many requests to the provider. */
  readonly skip: number;
}

/** Faults that the kernel knows, but for those of webhooks. */
export type Fault = Exclude<Action, { kind: "event" | "delivery-fault" | "token-loss" }>;

export type SyncAction =
  | Edit
  | Fault
  /** Cursors that were given out are refused from then on; `tokens`: those that stand for the present as well. */
  | { readonly kind: "forget"; readonly tokens: boolean; readonly skip: number }
  | { readonly kind: "run"; readonly full: boolean }
  | { readonly kind: "pause"; readonly forMs: number }
  | { readonly kind: "decide"; readonly approves: boolean };

export type SyncStep = SyncAction & {
  /** Its number in the history that the seed gives; stays when others are left out. */
  readonly number: number;
  /** Milliseconds since the history began. */
  readonly atMs: number;
};

/** How the provider lists, and what it tells of changes. */
export interface Shape {
  readonly paging: "offset" | "page" | "link-page" | "link-token" | "cursor" | "keyset";
  /** Where pages are counted. */
  readonly end: "total" | "more" | "empty";
  readonly order: "oldest" | "newest" | "changed";
  /** The largest page, as declared; the server gives no more than `cap`. */
  readonly size: number;
  readonly cap: number;
  /** Where pages are counted: their size can be chosen. Where it cannot, no two can be made to overlap, and nothing is proven. */
  readonly sized: boolean;
  readonly changes: "none" | "field" | "token";
  readonly deletions: "none" | "tombstone" | "listing";
  /** The listing can be had from a value of its order on, by which a walk goes on whose cursor is lost. */
  readonly hops: boolean;
  /** Pages of cursors that come empty amid others, and totals that are wrong. */
  readonly holes: boolean;
  readonly lies: boolean;
  /** How much later than its time a change may show, and the step of times, ms. */
  readonly lateMs: number;
  readonly stepMs: number;
  /** Whether the filter by time leaves out the time itself. */
  readonly above: boolean;
}

/** What holds for a history as a whole. */
export interface SyncSetting {
  readonly processes: number;
  readonly skewMs: readonly number[];
  readonly shape: Shape;
  /** Records at the beginning. */
  readonly records: number;
  /** The sync says which version of a record is newer. */
  readonly versioned: boolean;
  /** How often it runs, in seconds. */
  readonly everySeconds: number;
  /** The longest way to the database and back, ms. A slow one is still writing a page when the next ones come. */
  readonly statementMs: number;
}

export interface SyncHistory {
  readonly seed: number;
  readonly setting: SyncSetting;
  readonly steps: readonly SyncStep[];
}
