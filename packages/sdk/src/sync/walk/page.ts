import { doubt } from "./state.ts";
import type { WalkState } from "./state.ts";
import type { Proof, WhyNone } from "./proof.ts";
import type { WalkPlan } from "./plan.ts";

/** A page as it came. */
export interface WalkAnswer {
  /** The ids of its records, in their order; an empty text for a record without. */
  readonly ids: readonly string[];
  /** The values of the plan's `mark` of the same records. */
  readonly marks?: readonly unknown[];
  /** The answer's body, read. */
  readonly body: unknown;
  /** The URL of the `Link` header with `rel="next"`. */
  readonly link?: string | undefined;
}

/** What became of a page. */
export type Taken =
  | {
      readonly kind: "more";
      readonly state: WalkState;
      /** Positions of the records that were not read before; the others are on the page again. */
      readonly fresh: readonly number[];
    }
  | {
      readonly kind: "end";
      readonly state: WalkState;
      readonly fresh: readonly number[];
      /** Undefined: nothing is proven, and `whyNone` says why. */
      readonly proof: Proof | undefined;
      readonly whyNone: readonly WhyNone[];
    }
  /** Nothing leads on, or the pages go in a circle. What was read stays read; nothing is proven. */
  | { readonly kind: "stuck"; readonly what: string; readonly whyNone: readonly WhyNone[]; readonly state: WalkState }
  /** The answer lacks what its declaration says it has. */
  | { readonly kind: "invalid"; readonly path: string; readonly what: string };

/** Most records that a state remembers; a page more than half as large is joined by its last ones only. */
const mostRemembered = 500;

/** What a record is recognised by. Where it may move to the end by a change, it is another one there. */
export function keysOf({ steadiness }: WalkPlan, { ids, marks }: WalkAnswer): readonly string[] {
  if (steadiness !== "rising") return ids;
  return ids.map((id, index) => (id === "" ? "" : `${id}\n${String(marks?.[index])}`));
}

/** Positions of the records that the state does not remember. Those without an id are always new. */
export function freshOf(state: WalkState, keys: readonly string[]): readonly number[] {
  const known = new Set(state.tail);
  const fresh: number[] = [];
  for (const [index, key] of keys.entries()) if (key === "" || !known.has(key)) fresh.push(index);
  return fresh;
}

/** The state with a page counted and remembered. */
export function remember(
  plan: WalkPlan,
  state: WalkState,
  keys: readonly string[],
  fresh: readonly number[],
  answer: WalkAnswer,
): WalkState {
  const longest = Math.max(state.longest, keys.length);
  // A page that is there again is at the end of what is remembered, as it is at the end of what was read.
  const known = new Set(keys);
  const tail = [...state.tail.filter((key) => !known.has(key)), ...keys].filter((key) => key !== "");
  const marks = plan.mark === undefined ? [] : (answer.marks ?? []);
  const mark = marks.findLast(isMark);
  const unmarked = state.unmarked === true || (keys.length > 0 && plan.mark !== undefined && (marks.length === 0 || !marks.every(isMark)));
  return {
    ...state,
    records: state.records + fresh.length,
    longest,
    tail: tail.slice(-Math.min(mostRemembered, Math.max(2 * longest, 20))),
    last: keys.length,
    ...(mark !== undefined && { mark }),
    ...(unmarked && { unmarked: true }),
  };
}

function isMark(value: unknown): value is string | number {
  return typeof value === "number" || (typeof value === "string" && value !== "");
}

/** Whether a page has the very records that the page before it had. */
export function isSamePage(state: WalkState, keys: readonly string[]): boolean {
  if (keys.length === 0 || keys.length !== state.last || keys.includes("")) return false;
  const before = state.tail.slice(-state.last);
  return before.length === keys.length && before.every((key, index) => key === keys[index]);
}

/** The end, with the proof, unless something stands against it. */
export function endWalk(plan: WalkPlan, ended: WalkState, fresh: readonly number[], kind: Proof["kind"]): Taken {
  let state = ended;
  if (plan.narrowed && plan.covers === "all") state = doubt(state, "narrowed");
  if (plan.most !== undefined && (state.edge >= plan.most || (plan.falling && state.pages > 1))) state = doubt(state, "capped");
  // Newest first, what is new meanwhile pushes the oldest out behind the cap, however few were read.
  // A single page is one moment: in whatever order, all that was there is on it.
  if (plan.steadiness === "changing" && state.pages > 1) state = doubt(state, "order-changes");
  const isProven = plan.careful && state.doubts.length === 0;
  const { covers } = plan;
  const { pages, records, pass: passes } = state;
  return { kind: "end", state, fresh, proof: isProven ? { kind, covers, pages, records, passes } : undefined, whyNone: state.doubts };
}

export function stuck(state: WalkState, what: string, why: WhyNone): Taken {
  const doubtful = doubt(state, why);
  return { kind: "stuck", what, whyNone: doubtful.doubts, state: doubtful };
}
