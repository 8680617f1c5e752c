import type { Duration } from "../duration.ts";
import type { ListOperation } from "./listing.ts";

/** How a time is written in a record and in a filter. */
export type TimeFormat = "iso" | "iso-seconds" | "seconds" | "milliseconds";

/** A listing with a path of its own. */
export interface PlacedListing extends ListOperation {
  /** Below the connector's base URL. Default: the resource's path. */
  readonly path?: string;
  /** The member around its entries. Default: `wrap.many` of the resource. */
  readonly many?: string;
}

/** An entry that says that a record is gone. */
export interface Tombstone {
  /** Where the entry says so, by dotted path. */
  readonly at: string;
  /** What it says there: one of these. */
  readonly is: readonly (string | number | boolean)[];
}

/** Every change has a time, and the listing can be had from a time on. */
export interface ChangesByField {
  readonly kind: "field";
  /** Where an entry has the time, by dotted path. */
  readonly field: string;
  /** The parameter that takes it; one of the listing's filters, `atLeast` or `above`. */
  readonly filter: string;
  /** Default `iso`. */
  readonly format?: TimeFormat;
  /** The smallest step of the provider's times: two changes within one have the same. Default 1 s. */
  readonly granularity?: Duration;
  /** How much later than its time a change may show, clocks that differ included. Changes of so long ago are read again. Default 5 min. */
  readonly lookback?: Duration;
}

/** The provider gives out a token that stands for the present, and later lists what has changed since. */
export interface ChangesByToken {
  readonly kind: "token";
  /** The parameter that takes it. */
  readonly parameter: string;
  /** Where answers have the new one, by dotted path: on the last page, of the full listing as well. */
  readonly next: string;
}

/** How one learns what has changed in a resource since the last time. */
export interface Changes {
  readonly by: ChangesByField | ChangesByToken;
  /** The listing of changes. Default: the resource's own. */
  readonly list?: PlacedListing;
  /** Where an entry holds the record, by dotted path, and which field is the id of the entry itself. Default: entries are records. */
  readonly entry?: { readonly record: string; readonly id: string };
  /** Entries that tell of a deletion. Default: none do. */
  readonly tombstone?: Tombstone;
  /**
   * A listing of what was deleted. Default: the provider has none; unless entries tell of deletions, only a walk through everything then
   * finds out what is gone.
   */
  readonly deleted?: DeletedListing;
  /** How long the provider keeps changes, or a token valid: who comes later has to read everything. Default: for ever. */
  readonly keptFor?: Duration;
  /** Events of the connector's webhooks that tell of changes: one that is believed makes the next walk begin soon. They are hints: what changed is read. */
  readonly hints?: readonly string[];
}

export interface DeletedListing extends PlacedListing {
  /** The field of an entry that holds the id of the record that is gone. Default: the resource's `id`. */
  readonly id?: string;
  /** Where it can be had from a time on. Default: all of it is read each time. */
  readonly since?: ChangesByField;
  /** How long the provider remembers what was deleted. Default: as long as its changes. */
  readonly keptFor?: Duration;
}
