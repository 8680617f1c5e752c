/**
 * Who is served before whom, what is paused, and how much waits.
 *
 * Terms: a *weight* says how much a tenant or a lane gets compared with the others, while they want more than there is; what is *paused* (a tenant, a connection, a flow, a
 * connector) waits, and burns no attempt; the *backlog* of a tenant is what was taken in for it and has not ended.
 *
 * Tables owned: pause, weight, backlog.
 *
 * Invariants: every process follows pauses and weights within a second, also where a notice is lost; who pauses and resumes is told in the stream, in the same transaction;
 * the backlog is kept by adding up, never by counting for a request.
 *
 * @module
 */
export { Backlog } from "./backlog.ts";
export type { BacklogBounds } from "./backlog.ts";
export { trafficErrors } from "./errors.ts";
export { followTraffic } from "./follow-traffic.ts";
export type { Traffic } from "./follow-traffic.ts";
export { trafficJobs } from "./jobs.ts";
export { pauseWork, resumeWork } from "./pause-work.ts";
export { readBacklog } from "./read-backlog.ts";
export { setWeight } from "./set-weight.ts";
export { pauseScopes, readPauses, readWeights } from "./store.ts";
export type { Pause, PauseKey, PauseScope, WeightRow } from "./store.ts";
