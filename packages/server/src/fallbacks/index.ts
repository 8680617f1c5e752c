/**
 * What calls were answered with last, for those that fall back on it when their provider is unavailable.
 *
 * Terms: an *answer* is what a provider said to a call that declares `{ lastKnown }`; its *age* counts from before the call was made, by the database's clock.
 *
 * Tables owned: last_known.
 *
 * Invariants: an answer is sealed under its tenant's key and found by a keyed hash of its call, in its own tenant only. An older answer never replaces a newer one, and none
 * is said to be younger than it is. To keep one never waits; what was kept in the last half second may be lost in a crash.
 *
 * @module
 */
export { fallbackJobs } from "./jobs.ts";
export { openLastKnown } from "./last-known.ts";
export type { LastKnownBook, LastKnownParts } from "./last-known.ts";
