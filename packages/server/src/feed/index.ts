/**
 * The change feed: every version of every record, in the order in which they were committed, for those who must not miss one.
 *
 * Terms: a *change* is a version of a record and where it came from; its *position* is its place in the feed of its tenant. A *consumer* reads under a name; how far it
 * has come is its *cursor*, one for each tenant, which lies here and not with the reader. A *batch* is what a reader holds under a *lease* until it acknowledges it.
 * *Retention* forgets versions that were replaced long ago, and never the newest of a record.
 *
 * Tables owned: feed, change, feed_consumer, feed_cursor.
 *
 * Invariants: positions of a tenant are dense and in the order of commit. A cursor moves forwards over what was acknowledged or does not concern its consumer, and
 * otherwise only when somebody rewinds it. No two readers of a consumer hold changes of the same tenant. Who stands before what is kept is refused, never led over a gap.
 * Contents are sealed.
 *
 * @module
 */
export { acknowledgeChanges, acknowledgeWithin } from "./acknowledge-changes.ts";
export { appendChanges } from "./append-changes.ts";
export { awaitChanges } from "./await-changes.ts";
export { findSilentConsumers, listConsumers, readBehind } from "./consumer-store.ts";
export type { ChangeFilter, ConsumerKey, ConsumerRow, Place } from "./consumer-store.ts";
export { defineConsumer, removeConsumer } from "./define-consumer.ts";
export { feedErrors } from "./errors.ts";
export { feedJobs } from "./jobs.ts";
export { readChanges } from "./read-changes.ts";
export type { ChangeBatch, FeedParts, GivenChange } from "./read-changes.ts";
export { rewindConsumer } from "./rewind-consumer.ts";
export type { RewindPlace } from "./rewind-consumer.ts";
export {
  appendGiven,
  listMovedFeeds,
  lockFeed,
  positionBefore,
  readChangesAt,
  readHeads,
  readOwners,
  readPositions,
  readVersions,
} from "./store.ts";
export type { FeedEnd } from "./store.ts";
export { changePurpose } from "./types.ts";
export type { ChangeKind, NewChange, StoredChange } from "./types.ts";
