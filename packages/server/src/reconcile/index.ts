/**
 * Reconciliation: whether what Belay keeps is what the provider has, and what would make it so.
 *
 * Terms: a *comparison* (reconciliation) is a walk through everything that a sync's source lists, which maps it by today's mapping and compares it with what is kept. A *window* is
 * a page of it, compared by one checksum first. A *discrepancy* is a record that is other than it should be, of one *class*. A comparison that found some is a *plan*; to *apply*
 * it is to *repair* them. Two sides are *proven equal* by a comparison that saw everything and found nothing.
 *
 * Tables owned: reconciliation, discrepancy, reconcile_schedule.
 *
 * Invariants: a comparison writes no record. A repair is done once, in the transaction that says so, and only to a record that is still as it was compared. Nothing is extra without a
 * proof that the listing was complete, and nothing is deleted beside the sync's policy. One comparison of a sync at a connection at a time.
 *
 * @module
 */
export { applyRepairs } from "./apply-plan.ts";
export type { Repaired, RepairLimits } from "./apply-plan.ts";
export { beginComparisonsWith, scheduleComparisons } from "./begin-comparisons.ts";
export { openComparer } from "./comparer.ts";
export { reconcileErrors, reconcileRequestErrors } from "./errors.ts";
export { forgetComparisons } from "./forget-comparisons.ts";
export { reconcileJobs } from "./jobs.ts";
export { listDiscrepancies, readReconciliations, showReconciliations } from "./read-reconciliations.ts";
export type { ShownDiscrepancy, ShownReconciliation } from "./read-reconciliations.ts";
export { requestReconciliation } from "./request-reconciliation.ts";
export { discrepancyClasses, discrepancyReasons } from "./types.ts";
export type { DiscrepancyClass, DiscrepancyReason, ReconciliationKey } from "./types.ts";
