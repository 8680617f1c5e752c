/**
 * Tries a connector or a flow out: without a server, without a database, against the simulated provider.
 *
 * - trial: one flow and the simulator of what it writes to, in this process.
 *
 * Invariant: nothing leaves the process.
 *
 * @module
 */
export { clientOf } from "./client-of.ts";
export { openTrial } from "./open-trial.ts";
export type { Trial, TrialOptions, TrialRun } from "./open-trial.ts";
