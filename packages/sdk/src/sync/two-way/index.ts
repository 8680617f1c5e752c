/**
 * Two sides that are to have the same, merged. Pure: who keeps the state writes what comes out.
 *
 * Terms: *side* `a` and side `b` each have a record of one thing. The *base* is what holds: what both have or are to get. What a side has *seen* is what it had when it was last looked
 * at; what it was *told* is what that stands for. A *conflict* is two changes of one field that do not know of each other; it is *resolved* by a rule, or *held* until somebody decides.
 *
 * Invariants: merging and writing come to an end, after which both sides have the same, but for what is held and what is each side's own. Merged again nothing else comes out. Where both
 * have the same nothing is written. What a side makes of a write of ours is never taken for a change. Every conflict is resolved or held.
 *
 * @module
 */
export { mergeSides } from "./merge-sides.ts";
export { settleWrite } from "./settle-write.ts";
export { takeAsMerged } from "./take-as-merged.ts";
export { mappingOf, rulesOf } from "./rules-of.ts";
export type { WritingMapping } from "./rules-of.ts";
export { isSame } from "./same.ts";
export type {
  ConflictRule,
  FieldConflict,
  FieldOwner,
  Fields,
  LinkState,
  MergeInput,
  MergeResult,
  MergeRules,
  ResolvedConflict,
  SideName,
  SideNow,
  SideState,
  SideWrite,
} from "./types.ts";
