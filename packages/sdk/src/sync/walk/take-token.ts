import { endWalk, freshOf, isSamePage, keysOf, remember, stuck } from "./page.ts";
import type { Taken, WalkAnswer } from "./page.ts";
import type { WalkPlan } from "./plan.ts";
import { hopOver } from "./recover.ts";
import type { EndSign } from "./proof.ts";
import type { Sign } from "./sign.ts";
import { doubt } from "./state.ts";
import type { Position, WalkState } from "./state.ts";

/**
 * A page that names where the next one is: by a token, by a link, or by its last record. Nothing shifts such pages; empty and short ones say
 * nothing.
 */
export function takeToken(plan: WalkPlan, before: WalkState, answer: WalkAnswer, sign: Sign): Taken {
  const keys = keysOf(plan, answer);
  const fresh = freshOf(before, keys);
  if (before.position.at !== "start" && isSamePage(before, keys)) return stuck(before, "serves the same page again", "looped");
  const state: WalkState = { ...remember(plan, before, keys, fresh, answer), back: 0, edge: before.edge + keys.length };
  const next = nextOf(sign, answer.ids);
  if (next.kind === "end") return endWalk(plan, state, fresh, next.by);
  if (next.kind === "stuck") return stuck(state, next.what, "looped");
  if (plan.most !== undefined && state.edge >= plan.most) {
    const hopped = hopOver(plan, state);
    return hopped === undefined ? endWalk(plan, doubt(state, "capped"), fresh, "end-by-flag") : { kind: "more", state: hopped, fresh };
  }
  const address = JSON.stringify(next.position);
  if (address === JSON.stringify(before.position) || address === state.remembered)
    return stuck(state, "gives a cursor that it gave before", "looped");
  const shifts = plan.paging.kind === "link" && plan.paging.page !== undefined && plan.careful;
  // After the last record of a page that has moved to the end, the next page begins at the end.
  const moves = plan.paging.kind === "keyset" && plan.steadiness === "rising" && plan.careful;
  const doubted = shifts ? doubt(state, "not-declared") : moves ? doubt(state, "order-changes") : state;
  return { kind: "more", state: noteAddress({ ...doubted, position: next.position }, address), fresh };
}

/** Remembers one cursor, for twice as long each time: so a circle of any length is met, whatever its beginning, with one in memory. */
function noteAddress(state: WalkState, address: string): WalkState {
  return state.pages < state.remember ? state : { ...state, remembered: address, remember: state.remember * 2 };
}

type Next =
  | { readonly kind: "position"; readonly position: Position }
  | { readonly kind: "end"; readonly by: EndSign }
  | { readonly kind: "stuck"; readonly what: string };

function nextOf(sign: Sign, ids: readonly string[]): Next {
  switch (sign.kind) {
    case "token":
      return sign.token === undefined ? { kind: "end", by: sign.by } : { kind: "position", position: { at: "token", token: sign.token } };
    case "link":
      return sign.url === undefined ? { kind: "end", by: "end-by-no-link" } : { kind: "position", position: { at: "url", url: sign.url } };
    case "flag": {
      if (!sign.more) return { kind: "end", by: "end-by-flag" };
      const id = ids.at(-1);
      if (id === undefined || id === "") return { kind: "stuck", what: "promises more after an empty page, from which nothing leads on" };
      return { kind: "position", position: { at: "after", id } };
    }
    default:
      return { kind: "end", by: "end-by-one-answer" };
  }
}
