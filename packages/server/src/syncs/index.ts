/**
 * Syncs: what Belay keeps equal to what providers have, by walking through it again and again.
 *
 * Terms: a *sync* at a connection makes *walks*, each through a listing, page by page. An *open* walk is one that has not ended; the *revision* rises with each of its pages.
 * *Progress* is what the next walk begins from. A walk's *proof* says that it saw everything; only then is what it has not seen *missing*, and may be deleted. What the
 * provider itself says is gone is *named*, as is what the mapping leaves out although it was there, and needs no proof. Deletes that are too many are *held*; what was named is counted for as long as deletes are held. A *hint* is word of changes, such as a webhook: it makes the next walk begin soon, and says nothing of what has changed.
 *
 * Tables owned: sync, sync_setting, walk.
 *
 * Invariants: walks of a sync at a connection never overlap. A page's records, its changes, its troubles and the walk's new place are committed together, under the lease of the
 * mailbox and at the revision that was read. Whoever takes a walk over goes on where the last page was kept. Nothing is deleted without a proof or the provider's word, and never many without
 * somebody's approval.
 *
 * @module
 */
export { syncErrors, syncRequestErrors } from "./errors.ts";
export { beginComparison } from "./begin-comparison.ts";
export type { BegunComparison } from "./begin-comparison.ts";
export type { ComparedPage, ComparedWalk, WalkComparer } from "./comparer.ts";
export { approveDeletes, refuseDeletes } from "./decide-held.ts";
export { forgetSyncs } from "./forget-syncs.ts";
export { HintWriter } from "./hint-writer.ts";
export { syncJobs } from "./jobs.ts";
export { mustBeKnown } from "./known-syncs.ts";
export { pauseSync, resumeSync, runSync } from "./order-syncs.ts";
export { readListed } from "./read-listed.ts";
export type { ListedRecord } from "./read-listed.ts";
export { readSyncs } from "./read-syncs.ts";
export type { Progress, ShownSync, SyncState } from "./read-syncs.ts";
export { openSettings, setSettings } from "./settings.ts";
export { startSyncScheduler } from "./scheduler.ts";
export type { SyncScheduler } from "./scheduler.ts";
export { openWalkDesk } from "./walk-desk.ts";
export type { OpenWalk, WalkDesk } from "./walk-desk.ts";
export type { PageAnswer, WalkEnding, WalkPage, WalkRequest } from "./protocol.ts";
export type { SyncKey, WalkKind, WalkState } from "./types.ts";
export { nextDueMs } from "./spread-due.ts";
export { growRecords, hastenSyncs, listIdle, lockIdle, notifySchedulers } from "./store.ts";
export { countLateDeletes, hasBegunWithin, hasWalkedSince, readLastLooks, readWalks } from "./walk-store.ts";
export { undoDeletes } from "./undo-deletes.ts";
export type { UndoneDeletes, WhyLeftAlone } from "./undo-deletes.ts";
export type { ShownWalk } from "./walk-store.ts";
