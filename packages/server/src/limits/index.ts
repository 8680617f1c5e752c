/**
 * Budgets that all workers share: no provider gets more than it allows, however many processes call it, and nearly all that it allows is used.
 *
 * Terms: a *budget* is what calls use up together, such as those of a connection or of the whole app, under one or more *limits*; a *permit* is the right to send one request; permits
 * are leased in *blocks* by a *holder*, a thread of a worker; a *place* is the right to have a request under way.
 *
 * Tables owned: budget.
 *
 * Invariants: a permit counts from when its block is asked for until a window after the provider had counted it at the latest, so that no window can hold too much, whoever is killed, frozen
 * or slow. Clocks of two machines are never compared: a holder reckons from when it asked, the database from when it read. No statement per call, no lock between statements.
 *
 * @module
 */
export { openLimits } from "./open-limits.ts";
export type { SharedLimits } from "./open-limits.ts";
export { openHolder } from "./open-holder.ts";
export { foreseeDone } from "./foresee-done.ts";
export { readLimits } from "./read-limits.ts";
export type { ToldBudget, ToldLimit } from "./tell-budget.ts";
export { limitJobs } from "./jobs.ts";
export type { BlockedBudget } from "./store.ts";
export type { Answer as PermitAnswer, Ask as PermitAsk } from "./types.ts";
