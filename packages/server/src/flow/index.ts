/**
 * Runs flows: user code in worker threads, with durable steps and keyed effects.
 *
 * Terms: a *run* is one attempt of one message; a *step* is a part of it whose result is kept; an *accused* message was running when its thread ended.
 *
 * Tables owned: none; step results are written through the mailbox slice.
 *
 * Invariants: nothing is sent for a lease that has ended. A step's result is on disk before the next step begins. A write's idempotency key depends on tenant,
 * flow, event and step only – not on attempt, process or version.
 *
 * @module
 */
export type { CallCounts, CallReport } from "./call-tally.ts";
export { CallTally } from "./call-tally.ts";
export { flowErrors } from "./errors.ts";
export { connectionSource } from "./run-needs.ts";
export { ThreadPool } from "./thread-pool.ts";
export type { ExchangeReport, RunReport, StepReport } from "./run-report.ts";
export type { EndedRun, ThreadPoolParts } from "./thread-pool.ts";
