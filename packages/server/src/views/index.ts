/**
 * Views: what things look like as a whole, one row for each canonical id, put together from the records of all connections.
 *
 * Terms: a *row* is put together as its view's definition says, each value with a *link* to the record that it is from. A *keeper* follows the change feed, as a consumer of it. A
 * definition has a *version*; the rows of a new one are *built* beside those of the one before, which are given out until then.
 *
 * Tables owned: view_row, view_build.
 *
 * Invariants: a row is written together with the acknowledgement of the changes that it comes from, by whoever holds them: nobody overwrites it with what is older. What is put
 * together is what the records are now, not what a change said: a change that comes twice does no harm. A thing without living records has no row. Contents are sealed.
 *
 * @module
 */
export { viewErrors } from "./errors.ts";
export { startViewKeeper } from "./keep-views.ts";
export type { ViewKeeper } from "./keep-views.ts";
export { findView, listRows, listViews, readRow } from "./read-views.ts";
export type { ShownRow, ShownView, ViewPage } from "./read-views.ts";
