/**
 * Batches: work over sets, one message for each item.
 *
 * Terms: a *run* of a batch reads a *set* page by page for one tenant; a *page* is what is kept at once: its items, as messages, and the message that asks for the next page.
 *
 * Tables owned: batch_run, batch_due, batch_key.
 *
 * Invariants: each page of a run is kept once, whoever reads it how often, together with the place of the next: so each item is one message. Of a batch and tenant one run
 * reads at a time. Progress is counted for whoever asks; items cost nothing for it.
 *
 * @module
 */
export { startBatchSchedule } from "./begin-due.ts";
export { cancelRun } from "./cancel-run.ts";
export { batchErrors } from "./errors.ts";
export { batchJobs } from "./jobs.ts";
export { keepPages } from "./keep-page.ts";
export { readRuns } from "./read-runs.ts";
export { startRun } from "./start-run.ts";
export type { BatchParts } from "./start-run.ts";
