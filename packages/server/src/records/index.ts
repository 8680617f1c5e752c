/**
 * What Belay keeps of the records of providers.
 *
 * Terms: a *record* is what one record of a provider was mapped to; its *external id* is the provider's, its *canonical id* ours: the table is the crosswalk between them. Its
 * contents, *data* after mapping and *raw* as the provider gave it, lie in its newest change in the feed, and older ones in older changes. A *trouble* is a record that
 * could not be taken, with its reason. A record is *missing* when a walk through everything has not seen it. A *plan* says what a page of records changes; it is made before the transaction that applies it.
 *
 * Tables owned: record, record_trouble, walk_page, pending_delete, deleted_record.
 *
 * Invariants: a record and its change are written in one transaction, which also moves the cursor of the walk. What has not changed is not written. An older version of the
 * source never overwrites a newer one. A plan is applied to the state that it was made for, or not at all. Contents are sealed; hashes and match keys are keyed.
 *
 * @module
 */
export { applyPlan } from "./apply-plan.ts";
export { findByKeys, findKeyed, findTaken, hasNewer } from "./match-store.ts";
export type { KeyedRecord, KeyRow } from "./match-store.ts";
export { applyMove, planMove } from "./move-records.ts";
export type { MovePlan, RecordName } from "./move-records.ts";
export { planDeletes } from "./plan-deletes.ts";
export { planPage } from "./plan-page.ts";
export type { DrawBytes } from "./record-id.ts";
export type { RecordContents } from "./contents.ts";
export { findIds, findRecords, readRecord, readRecords, readRecordVersions } from "./read-records.ts";
export type { RecordFilter, ShownRecord, ShownVersion } from "./read-records.ts";
export { listTroubles, readTroubledRaws } from "./troubles.ts";
export type { ShownTrouble, TroubledRaw } from "./troubles.ts";
export { digestOf, fingerprintRecords } from "./fingerprint-records.ts";
export type { RecordPrint } from "./fingerprint-records.ts";
export { digestRecords, findComparable, findTwins, listLinks, listShared, readUnseen } from "./compare-store.ts";
export type { ComparableRecord, RecordLink, SharedId, Twin } from "./compare-store.ts";
export { readContentsAt } from "./read-records.ts";
export { moveLink, relinkRecord } from "./relink-record.ts";
export { readRows, readRowsAt } from "./read-store.ts";
export type { RecordKeyRow } from "./read-store.ts";
export { countRecords, deleteGoneTroubles, findKept } from "./store.ts";
export {
  clearMissing,
  countListed,
  countMissing,
  deleteSeen,
  forgetListed,
  insertSeen,
  listMissing,
  listNamed,
  listPending,
  readMissing,
  unlistGone,
  unlistMissing,
  unlistNamed,
  walkOfMissing,
} from "./seen-store.ts";
export { applyReturn, planReturn } from "./return-records.ts";
export type { ReturnPlan } from "./return-records.ts";
export { forgetDeleted, readDeleted } from "./undo-store.ts";
export type { DeletedBy } from "./undo-store.ts";
export type { ListPart, PendingDelete, SeenBy } from "./seen-store.ts";
export type { AppliedCounts, Identified, Identify, KeptRecord, NewRecord, PagePlan, RecordOrigin } from "./types.ts";
