/**
 * What people call a thing by, kept so that messages are found by it: e-mail addresses, order numbers, the ids of records that a message created.
 *
 * Terms: a *reference* is a kind and a value; what is kept of it is its *fingerprint*, a keyed hash of one tenant, see the vault.
 *
 * Tables owned: reference, reference_default.
 *
 * Invariants: no value is stored, only fingerprints. The references of a message are committed with it; those of a record that it created, with the end of the attempt.
 * Writing one twice does no harm.
 *
 * @module
 */
export { findReferenced, insertReferences } from "./store.ts";
export type { Referenced, ReferenceRow } from "./store.ts";
export { candidates } from "./normalize.ts";
export { referenceJobs } from "./jobs.ts";
export { fingerprintWith, ReferenceWriter } from "./reference-writer.ts";
export type { Referring } from "./reference-writer.ts";
