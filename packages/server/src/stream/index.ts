/**
 * The stream of what changed its state: told in the order of commit, to be read on from where a reader stopped.
 *
 * Terms: an *event* here is such a change, of a type of the closed list `eventTypes`; its envelope has the names of CloudEvents.
 *
 * Tables owned: event.
 *
 * Invariants: what changes in the database is told of in the same transaction; a reader that goes on from its place misses nothing and sees nothing twice; no personal
 * data beyond the reference (an order key), no payloads.
 *
 * @module
 */
export { streamJobs } from "./jobs.ts";
export { insertEvents, insertEventsOf, readEvents } from "./store.ts";
export type { EventFilter, NewEvent, StoredEvent, StreamPlace } from "./store.ts";
export { eventTypes } from "./taxonomy.ts";
export type { EventName, EventType } from "./taxonomy.ts";
export { writeEvents } from "./tell-events.ts";
export type { EventWriter, Tell } from "./tell-events.ts";
