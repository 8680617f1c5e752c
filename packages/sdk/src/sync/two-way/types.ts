/** One of the two sides of a two-way sync. */
export type SideName = "a" | "b";

/** A record by its fields, as the model says. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a side has now. */
export interface SideNow {
  /** null: it is deleted there. */
  readonly data: Fields | null;
  /** As that side counts it; those of both sides have to be comparable, as times are. null: it does not count. */
  readonly version: number | null;
}

/** What is remembered of a side. */
export interface SideState {
  /** What it had when it was last looked at, or what it answered when it was written to. null: nothing, it was deleted. */
  readonly seen: Fields | null;
  /** What its values stand for. Where a side writes a value its own way, that differs from `seen`, and is no change. */
  readonly told: Fields;
  /** The version of its own last change: writes of ours do not count. */
  readonly version: number | null;
}

/** What is remembered of a thing that both sides have, or are to have. Plain JSON. */
export interface LinkState {
  /** What holds: what both sides have, or get. null: it is deleted. */
  readonly base: Fields | null;
  /** What held before one side deleted it, while it is yet to be deleted at the other: should that have changed it meanwhile, it is made anew of this. */
  readonly before?: Fields;
  readonly a: SideState | null;
  readonly b: SideState | null;
  /** Fields about which somebody has to decide; until then each side keeps its own. */
  readonly held: readonly string[];
}

/** Two values for one field, neither of which knows of the other. */
export interface FieldConflict {
  readonly field: string;
  readonly a: unknown;
  readonly b: unknown;
  /** What both had before; undefined: they have never agreed. */
  readonly base: unknown;
  readonly versions: { readonly a: number | null; readonly b: number | null };
}

/**
 * Who wins a conflict: the side that changed it last, by source versions; a side; nobody, it waits for somebody's decision; or what a function of your own gives, where undefined
 * makes it wait.
 */
export type ConflictRule = "newest" | SideName | "queue" | ((conflict: FieldConflict) => unknown);

/** Whose a field is. `both` may change it; of one side's, the other side's changes are undone; `each` has its own, and nothing is carried over. */
export type FieldOwner = SideName | "both" | "each";

/** The rules of a merge. */
export interface MergeRules {
  readonly ownerOf: (field: string) => FieldOwner;
  /** Whether a side takes a field. Default: every field. */
  readonly canWrite?: (side: SideName, field: string) => boolean;
  readonly conflict: ConflictRule;
  /** Whose deletions are followed by the other side. Those of a side that are not are undone, except with `none`: there nothing is done. */
  readonly deletes: SideName | "both" | "none";
  /** Whose new records are created at the other side. */
  readonly creates: SideName | "both";
}

export interface MergeInput {
  /** null: never merged. */
  readonly state: LinkState | null;
  /** undefined: it has never had it. */
  readonly a: SideNow | undefined;
  readonly b: SideNow | undefined;
  /** What somebody has decided for fields that were held, knowing what both sides had when they were merged last. It does not hold for what a side has changed since. */
  readonly decided?: Fields;
}

/** What a side has to be told. */
export type SideWrite =
  | { readonly kind: "create"; readonly data: Fields }
  /** `changes`: the fields that are not as they should be. */
  | { readonly kind: "update"; readonly data: Fields; readonly changes: readonly string[] }
  | { readonly kind: "delete" };

export interface ResolvedConflict extends FieldConflict {
  readonly value: unknown;
}

export interface MergeResult {
  /** To be kept, whether or not the writes are done now: until `settleWrite`, merging again gives the same writes. */
  readonly state: LinkState;
  readonly writes: { readonly a: SideWrite | null; readonly b: SideWrite | null };
  /** Decided by the rule. */
  readonly resolved: readonly ResolvedConflict[];
  /** Waiting for somebody. */
  readonly held: readonly FieldConflict[];
  /** Of those, the fields that waited before and that a side has changed since: what was decided about them was decided about something else. */
  readonly reopened: readonly string[];
}
