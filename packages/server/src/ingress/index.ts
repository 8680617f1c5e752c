/**
 * Takes webhooks in: verify the raw bytes, understand, store together with the work they cause, and only then acknowledge.
 *
 * Terms: an *endpoint* is where one connection's webhooks arrive; an event's *keys* are how a repeated delivery of it is known.
 *
 * Tables owned: dedupe.
 *
 * Invariants: an acknowledged event is on disk; of any number of deliveries of one event exactly one causes work; what is believed but does not
 * fit its schema is kept as a dead letter; an event that the database refuses costs no other.
 *
 * @module
 */
export { BodyMemory } from "./body-memory.ts";
export { beginTrace } from "./begin-trace.ts";
export type { TraceParts } from "./begin-trace.ts";
export { emitEvent } from "./emit-event.ts";
export type { EmittedEvent, Emission } from "./emit-event.ts";
export { ingressErrors, quarantineErrors } from "./errors.ts";
export { GroupCommit } from "./group-commit.ts";
export type { GroupCommitOptions } from "./group-commit.ts";
export type { InterpretedEvent, ReceivedEvent } from "./interpret-event.ts";
export { ingressJobs } from "./jobs.ts";
export { replayWith } from "./replay-quarantined.ts";
export { registerIngress } from "./routes.ts";
export type { IngressParts, Refusal } from "./routes.ts";
export { readKeyExpiry } from "./store.ts";
