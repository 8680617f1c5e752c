import { describe, refuser } from "../../definition/refuse.ts";
import type { Sync } from "../define-sync.ts";
import { checkTwoWay } from "./check-two-way.ts";
import type { ConflictRule, FieldOwner, SideName } from "./types.ts";

/** What is known when a record is written. */
export interface WriteHow {
  /** The record is not there yet. */
  readonly creating: boolean;
  /** Our id of the thing, the same at every attempt: a name for what is created, where the provider lets us choose one. */
  readonly record: string;
  /** The tenant's own, as the sync of that side has them. */
  readonly settings: unknown;
}

/** Makes what the resource's `create` or `update` takes, of the fields that are to be written. */
export type WriteBack<Data> = (fields: Partial<Data>, how: WriteHow) => Readonly<Record<string, unknown>>;

/** One side of a two-way sync. */
export interface TwoWaySide<Data = Readonly<Record<string, unknown>>> {
  /** What reads this side. Both have the same model. */
  readonly sync: Sync;
  /** How this side is written. Default: as the mapping of its sync writes, where that is a `defineMapping`. */
  readonly write?: WriteBack<Data>;
  /** The fields that can be written to it. Default: those that the mapping writes; with `write`, all. */
  readonly writable?: readonly (keyof Data & string)[];
}

export interface TwoWayDefinition<Data> {
  /** Lower case, stable: what both sides agreed on is kept under it. */
  readonly id: string;
  readonly a: TwoWaySide<Data>;
  readonly b: TwoWaySide<Data>;
  /**
   * Whose the record is, or whose its fields are. Of one side's field the other side's changes are undone; `each` keeps its own. `own: "a"` makes it a sync in one direction. Default: both
   * sides', and `each` for fields that only their own side writes.
   */
  readonly own?: SideName | { readonly [Field in keyof Data & string]?: FieldOwner };
  /** Who wins where both changed a field. Default "newest"; where a side's records have no version, that waits for a decision. */
  readonly conflict?: ConflictRule;
  /** Whose deletions the other side follows. Default: both sides', or those of the side that owns the record. */
  readonly deletes?: SideName | "both" | "none";
}

/** A two-way sync, with the type of its records erased for the runner. */
export interface TwoWay {
  readonly id: string;
  readonly a: TwoWaySide<never>;
  readonly b: TwoWaySide<never>;
  readonly own: SideName | Readonly<Record<string, FieldOwner | undefined>>;
  readonly conflict: ConflictRule;
  readonly deletes: SideName | "both" | "none";
}

/**
 * Declares that two systems are to have the same: what is created, changed or deleted at one side is so at the other. It stands on the two syncs that read the sides; both say by
 * `identity` how records that are one thing are recognised. A tenant takes part that has one connection of each side's connector.
 *
 * ```ts
 * export const people = defineTwoWay<Contact>({
 *   id: "people",
 *   a: { sync: hubspotContacts },
 *   b: { sync: zendeskUsers, write: ({ name }) => ({ name }), writable: ["name"] },
 *   own: { notes: "a" },
 *   conflict: "newest",
 * });
 * ```
 *
 * @throws `SDK_SYNC_INVALID` naming the field, what was found, what to write instead, and the file and line of the definition.
 */
export function defineTwoWay<Data = Readonly<Record<string, unknown>>>(definition: TwoWayDefinition<Data>): TwoWay {
  const { id } = Object(definition) as { readonly id?: unknown };
  checkTwoWay(definition, refuser("SDK_SYNC_INVALID", `Two-way sync ${describe(id)}`, defineTwoWay));
  const { a, b, own = {}, conflict = "newest", deletes } = definition;
  return {
    id: definition.id,
    a,
    b,
    own,
    conflict,
    deletes: deletes ?? (own === "a" || own === "b" ? own : "both"),
  };
}
