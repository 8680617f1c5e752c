import type { WalkPlan } from "./plan.ts";
import { doubt, restart } from "./state.ts";
import type { WalkState } from "./state.ts";

/** How often a walk begins from the start before it gives up. */
const mostPasses = 3;

/** What becomes of a walk whose cursor the provider does not know any more. */
export type Recovery =
  | { readonly kind: "more"; readonly state: WalkState; readonly by: "record-before" | "mark" | "start" }
  /** Nothing is left to go on by. */
  | { readonly kind: "lost"; readonly state: WalkState };

/**
 * Goes on by the best remaining means when the provider refuses a cursor as expired or unknown: from the record before, where it was the id of
 * one that is gone meanwhile; from the last value of the listing's order; else from the start. Nothing that was read is lost; some of it is
 * read again.
 */
export function recoverWalk(plan: WalkPlan, state: WalkState): Recovery {
  const { position } = state;
  const back = state.back + 1;
  if (position.at === "after") {
    const id = idOf(state.tail.at(-1 - back));
    if (id !== undefined) return { kind: "more", by: "record-before", state: { ...state, back, position: { at: "after", id } } };
  }
  const hopped = hopOver(plan, state);
  if (hopped !== undefined) return { kind: "more", by: "mark", state: withDoubtOfMarks(hopped) };
  if (state.pass >= mostPasses || (position.at === "start" && state.from === undefined))
    return { kind: "lost", state: doubt(state, "cursor-expired") };
  return { kind: "more", by: "start", state: restart(state) };
}

/**
 * Asks for the listing from the last value of its order on, that value included: records that share it are read again. Undefined where the
 * provider has no such filter, and where the walk would not get on, because all records since the last time share one value.
 */
export function hopOver(plan: WalkPlan, state: WalkState): WalkState | undefined {
  if (plan.hop === undefined || state.mark === undefined || state.mark === state.from) return undefined;
  const { loose: _loose, remembered: _remembered, ...kept } = state;
  return withDoubtOfMarks({
    ...kept,
    position: { at: "start" },
    from: state.mark,
    edge: 0,
    back: 0,
    confirms: 0,
    remember: state.pages + 1,
  });
}

/** Records without the field are in no listing that begins at one of its values. */
function withDoubtOfMarks(state: WalkState): WalkState {
  return state.unmarked === true ? doubt(state, "cursor-expired-resumed") : state;
}

function idOf(key: string | undefined): string | undefined {
  return key?.split("\n")[0];
}
