/**
 * Which records of different connections are one thing.
 *
 * Terms: a *canonical id* is ours; records that are one thing have the same. A new record is *linked* to a thing when the rules of its sync say so; where they cannot say, it is a
 * thing of its own until somebody has decided its *review*, or the rules can say after all. A *merge* gives up one canonical id for another, and can be undone. An *expected record* is one that we are about to create at
 * a connection.
 *
 * Tables owned: match_review, merge_event, expected_record.
 *
 * Invariants: two pages that bring the same thing at once never give it two canonical ids: what was found out is confirmed under the lock of the tenant's feed, or found out again. No
 * connection has two living records of one thing by the rules alone. What one two-way sync may have created at a side no other creates there before a walk that began later has looked for it. Every merge is written down with what it takes to undo it, and told in the change feed.
 *
 * @module
 */
export { expectRecord, forgetExpected, isExpectedByOther, renewExpected } from "./expected-store.ts";
export { identityErrors } from "./errors.ts";
export { identifyWith } from "./identify.ts";
export { mergeThings, undoMerge } from "./merge-things.ts";
export { decideReview } from "./decide-review.ts";
export { reconsiderReviews } from "./reconsider-reviews.ts";
export { listMerges, listReviews, lockUnderReview, readReview } from "./store.ts";
export type { ReviewState, ShownMerge, ShownReview } from "./store.ts";
