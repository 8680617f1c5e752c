import type { WhyNone } from "./proof.ts";
import type { WalkPlan } from "./plan.ts";

/** Where the next page is. */
export type Position =
  | { readonly at: "start" }
  /** So many records are passed over; for numbered pages, which page of which size that is. */
  | { readonly at: "counted"; readonly start: number; readonly number?: number; readonly size?: number }
  | { readonly at: "token"; readonly token: string }
  /** After the record with this id. */
  | { readonly at: "after"; readonly id: string }
  | { readonly at: "url"; readonly url: string };

/** How a page that counts positions was asked for, where it was not made to overlap what is known. */
export type Loose =
  /** Behind positions that came empty, so nothing can be recognised. */
  | "gap"
  /** To see the provider's own sign of the end, an empty page. */
  | "confirm"
  /** From the start, to see whether the only record that came is still there. */
  | "again"
  /** No overlap is possible. */
  | "blind";

/**
 * A walk between two pages: JSON, of bounded size, so that it survives whoever walks. Only this module looks inside.
 */
export interface WalkState {
  readonly format: 1;
  readonly paging: WalkPlan["paging"]["kind"];
  readonly position: Position;
  /** How often the walk has begun from the start. */
  readonly pass: number;
  readonly pages: number;
  readonly records: number;
  /** Of pages that count: the position behind the last record that was read. */
  readonly edge: number;
  /** The most records that a page had. */
  readonly longest: number;
  /** The server gives no more than this, whatever is asked for. */
  readonly cap?: number;
  /** What is known of the records read last, oldest first: by it pages are joined. */
  readonly tail: readonly string[];
  /** How many of them the last page brought. */
  readonly last: number;
  /** The value of the listing's order of the last record. */
  readonly mark?: string | number;
  /** The value from which on the listing is asked for, where a cursor was lost or the provider lists only so many. */
  readonly from?: string | number;
  /** Whether a record came without such a value. */
  readonly unmarked?: true;
  /** How often the walk has stepped back without getting on. */
  readonly back: number;
  readonly loose?: Loose;
  /** How often in a row the same page came. */
  readonly same: number;
  /** How often a page after the last was not empty after all. */
  readonly confirms: number;
  /** A cursor of an earlier page, and after how many pages the next is remembered in its place. */
  readonly remembered?: string;
  readonly remember: number;
  readonly doubts: readonly WhyNone[];
}

/** The state before the first page. */
export function beginWalk(plan: WalkPlan): WalkState {
  return {
    format: 1,
    paging: plan.paging.kind,
    position: { at: "start" },
    pass: 1,
    pages: 0,
    records: 0,
    edge: 0,
    longest: 0,
    tail: [],
    last: 0,
    back: 0,
    same: 0,
    confirms: 0,
    remember: 1,
    doubts: [],
  };
}

/**
 * The state to go on with. One that was written for another way of paging, because the connector has changed meanwhile, begins from the
 * start: nothing that was read is lost, it is read again.
 */
export function continueWalk(plan: WalkPlan, state: WalkState): WalkState {
  return state.paging === plan.paging.kind ? state : { ...beginWalk(plan), pages: state.pages, pass: state.pass + 1 };
}

/** From the start, with what was counted. */
export function restart(state: WalkState): WalkState {
  const { loose: _loose, remembered: _remembered, from: _from, mark: _mark, ...kept } = state;
  return {
    ...kept,
    position: { at: "start" },
    pass: state.pass + 1,
    edge: 0,
    tail: [],
    last: 0,
    back: 0,
    same: 0,
    confirms: 0,
    remember: 1,
  };
}

export function doubt(state: WalkState, why: WhyNone): WalkState {
  return state.doubts.includes(why) ? state : { ...state, doubts: [...state.doubts, why] };
}
