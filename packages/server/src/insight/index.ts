/**
 * What threatens this installation, named before it hurts.
 *
 * Terms: a *threat* is something that will hurt if nobody acts, with its remedy.
 *
 * Tables owned: none; it reads Postgres's own statistics.
 *
 * Invariant: watching costs the same however much waits.
 *
 * @module
 */
export { watchHealth } from "./watch-health.ts";
export type { HealthLimits, HealthWatch, Threat } from "./watch-health.ts";
