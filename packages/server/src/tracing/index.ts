/**
 * Tells others what happened: traces and log lines to a collector of OpenTelemetry, errors to a tracker that speaks Sentry's protocol.
 *
 * Terms: a *receipt* is an event being taken in; a run is *told* when it is sampled, failed, or had a call that failed; a *trouble* is what an engineer has to look at.
 *
 * Tables owned: none.
 *
 * Invariants: nothing waits for a collector or tracker, and what waits for them is bounded. Every span that is told has its parent told, or is the first of its trace.
 * Only names of `attributes.ts` leave, and never a text that a flow, a provider or a person wrote.
 *
 * @module
 */
export { attributes } from "./attributes.ts";
export { readSampleShare } from "./read-sample-share.ts";
export type { TelemetryTargets } from "./read-settings.ts";
export { startTracing } from "./start-tracing.ts";
export type { Tracing, TracingParts } from "./start-tracing.ts";
