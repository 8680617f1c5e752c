/**
 * Background work on a schedule: maintenance that one process does for all. Nothing outside this folder knows that pg-boss does it.
 * Messages do not go this way: see `mailbox/`.
 *
 * Tables owned: none; pg-boss keeps its own in a schema of its own.
 *
 * Invariants: a job runs in one process at a time; a failed one is tried again with pauses; the loss of its connection never ends the process.
 *
 * @module
 */
export { startJobs } from "./jobs.ts";
export type { Jobs, ScheduledJob } from "./jobs.ts";
