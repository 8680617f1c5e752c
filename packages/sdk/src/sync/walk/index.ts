/**
 * Walks: reading a whole listing page by page, and knowing at the end whether it was the whole; which walk comes next, and what may be deleted
 * because of one. For those who run syncs.
 *
 * - plan: what a walk needs to know of a listing; from its declaration.
 * - state: a walk between two pages; JSON, survives whoever walks.
 * - proof: that everything that was there all the time was seen. Without one nothing may be concluded from what is missing.
 *
 * Invariants: pure, no clock, no network; total; a page that cannot be joined to what was read costs the proof, never a record.
 *
 * @module
 */
export type { Taken, WalkAnswer } from "./page.ts";
export { planWalk } from "./plan.ts";
export type { Steadiness, WalkPlan, WalkWish } from "./plan.ts";
export { whyNoneTexts } from "./proof.ts";
export type { EndSign, Proof, WhyNone } from "./proof.ts";
export { recoverWalk } from "./recover.ts";
export type { Recovery } from "./recover.ts";
export { requestOf } from "./request.ts";
export type { PageRequest } from "./request.ts";
export { beginWalk, continueWalk } from "./state.ts";
export type { WalkState } from "./state.ts";
export { takePage } from "./take-page.ts";
export * from "../changes/index.ts";
export * from "../deletes/index.ts";
export * from "../source/index.ts";
