/**
 * Whether, and when, records are deleted because their provider has them no more.
 *
 * Invariants: no delete without a completeness proof or the provider's own word; never many without approval; each can be undone for a while.
 *
 * @module
 */
export { decideDeletes } from "./decide-deletes.ts";
export type { DeleteDecision, DeleteQuestion } from "./decide-deletes.ts";
export { deleteStates } from "./states.ts";
export type { DeleteEvent, DeleteState } from "./states.ts";
