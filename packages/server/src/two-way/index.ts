/**
 * Two-way syncs: what two systems are to have the same, merged and written.
 *
 * Terms: the *sides* a and b are a connection each, read by a sync. A *thing* is what both have, or are to have; it is kept under its canonical id, with the *state* that was merged last, and
 * the versions of both sides' records that went into it. A thing that only one side has *awaits* a walk of the other, in which it may turn up, before it is created there. A *conflict*
 * is a field that waits for somebody's decision. A thing *under review*, of which somebody is asked what it is or whether another record is it, is created nowhere until that is decided.
 *
 * Tables owned: two_way, two_way_link, two_way_conflict.
 *
 * Invariants: the change feed is the outbox: what changed is looked at in its order, and the messages by which it is merged are committed with the place that was reached. What is merged is
 * the state of both records, never a change: what was written by us, and comes back, is the version that was merged already. A thing is written at a side by one pair of hands, and
 * whoever has merged an older state merges again. A record whose creation has an unknown outcome is looked for before it is created again.
 *
 * Locks are taken in one order by everybody: the two-way sync, mailboxes, the thing, the feed, records, the sync.
 *
 * @module
 */
export { awaitAgain, listLinks } from "./store.ts";
export type { ShownLink } from "./store.ts";
export { decideConflict, listConflicts } from "./decide-conflict.ts";
export type { Decision, ShownConflict } from "./decide-conflict.ts";
export type { ConflictPlace } from "./conflict-store.ts";
export { checkDecision } from "./check-decision.ts";
export { retryLinks } from "./retry-links.ts";
export { showThing } from "./show-thing.ts";
export type { ShownSideRecord, ShownThing } from "./show-thing.ts";
export { standings } from "./types.ts";
export { twoWayErrors, twoWayRequestErrors } from "./errors.ts";
export { startTwoWayPump } from "./pump.ts";
export type { PumpParts, TwoWayPump } from "./pump.ts";
export type { MergedReport, SideRecord, WriteAnswer, WriteReport, WriteRequest } from "./protocol.ts";
export { readTwoWays } from "./read-two-ways.ts";
export type { ShownSide, ShownTwoWay } from "./read-two-ways.ts";
export type { LinkKey, Standing, TwoWayKey } from "./types.ts";
export { openWriteDesk } from "./write-desk.ts";
export type { OpenWrite, WriteDesk } from "./write-desk.ts";
