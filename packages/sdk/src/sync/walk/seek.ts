import type { WalkPlan } from "./plan.ts";
import { restart } from "./state.ts";
import type { Loose, WalkState } from "./state.ts";
import { windowAfter, windowOver } from "./windows.ts";

/** Of a page's records one in so many is read twice. */
const overlapShare = 20;

/** How often a walk begins from the start because its pages have moved too far. */
const mostPasses = 3;

/** The state that asks for the page at the edge of what was read; in a careful walk for one that begins a little before it. */
export function toEdge(plan: WalkPlan, state: WalkState, loose?: Loose): WalkState {
  const { loose: _loose, ...kept } = state;
  if (!plan.careful || loose !== undefined) return seek(plan, kept, state.edge, loose);
  // Fewer than a page ever had, so that a page that has nothing new has come to the end.
  const overlap = Math.min(Math.max(1, Math.floor(state.longest / overlapShare)), state.longest - 1, state.tail.length);
  return overlap < 1 ? seek(plan, kept, state.edge, "blind") : seek(plan, kept, Math.max(0, state.edge - overlap), undefined);
}

/** Farther back each time; in the end from the start. Undefined where all of that has been tried. */
export function stepBack(plan: WalkPlan, state: WalkState): WalkState | undefined {
  const { loose: _loose, ...kept } = { ...state, back: state.back + 1 };
  const farther = kept.back === 1 ? Math.ceil(state.longest / 2) : kept.back === 2 ? state.tail.length : state.edge;
  if (farther < state.edge) return seek(plan, kept, state.edge - farther, undefined);
  return state.pass >= mostPasses ? undefined : restart(state);
}

function seek(plan: WalkPlan, state: WalkState, start: number, loose: Loose | undefined): WalkState {
  const asked = plan.size?.asked;
  const isNumbered = plan.paging.kind === "page" || plan.paging.kind === "link";
  if (!isNumbered) {
    const left = plan.most === undefined ? Infinity : Math.max(1, plan.most - start);
    const size = asked !== undefined && left < asked ? { size: left } : {};
    return { ...state, position: { at: "counted", start, ...size }, ...(loose !== undefined && { loose }) };
  }
  const first = plan.paging.kind === "page" ? (plan.paging.first ?? 1) : 1;
  if (plan.careful && asked !== undefined) {
    const most = Math.min(asked, state.cap ?? Infinity);
    const isApart = loose !== undefined && loose !== "blind";
    const over = isApart ? windowAfter(start, most) : windowOver(start, state.back > 0 ? start : state.edge, most);
    const window = over ?? windowAfter(state.edge, most);
    const position = { at: "counted", start: window.start, number: first + window.number, size: window.size } as const;
    const apart = over === undefined ? "blind" : loose;
    return { ...state, position, ...(apart !== undefined && window.start > 0 && { loose: apart }) };
  }
  const { position } = state;
  const number = position.at === "counted" && position.number !== undefined ? position.number + 1 : first + 1;
  const stride = state.longest || (asked ?? 0);
  return { ...state, position: { at: "counted", start: (number - first) * stride, number }, loose: loose ?? "blind" };
}
