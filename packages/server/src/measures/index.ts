/**
 * What was counted: how many, how long, how late, how often it failed – by tenant, connection, flow and endpoint.
 *
 * Terms: a *series* is what is counted under one tenant, connection, flow and endpoint; a *tally* is what it came to in one minute; a *sketch* keeps a distribution
 * so that several can be merged; the *lag* is the time from receipt to delivery.
 *
 * Tables owned: measure.
 *
 * Invariants: to count never waits and never throws. The number of series is bounded, and what is beyond the bound is still counted. To write or to merge twice
 * changes nothing.
 *
 * @module
 */
export { measuresErrors } from "./errors.ts";
export { openMeasures } from "./open-measures.ts";
export type { Measures, MeasuresParts } from "./open-measures.ts";
export type { Measured, MeasureQuery } from "./read-measures.ts";
export type { MeasuresOptions } from "./types.ts";
