import type { Taken, WalkAnswer } from "./page.ts";
import type { WalkPlan } from "./plan.ts";
import { readSign } from "./sign.ts";
import type { Sign } from "./sign.ts";
import type { WalkState } from "./state.ts";
import { takeCounted } from "./take-counted.ts";
import { takeToken } from "./take-token.ts";

/**
 * Takes in the answer to `requestOf(plan, state)`: which of its records are new, and what to ask for next, or that the walk is at its end, with
 * a proof of completeness or the reasons why there is none. Pure and total: the same page taken twice from the same state gives the same.
 *
 * ```
 * beginWalk ─▶ state ─▶ requestOf ─▶ (the provider) ─▶ takePage ─▶ more ─▶ state …
 *                ▲                        │                ├─▶ end: proof, or why none
 *                └──── recoverWalk ◀── cursor refused      ├─▶ stuck: the pages go in a circle
 *                                                          └─▶ invalid: the answer lacks the sign of the end
 * ```
 */
export function takePage(plan: WalkPlan, state: WalkState, answer: WalkAnswer): Taken {
  const sign = readSign(plan.paging, answer.body, answer.link);
  if (sign.kind === "invalid") return sign;
  const before: WalkState = { ...state, pages: state.pages + 1 };
  return isCounted(plan, before, sign) ? takeCounted(plan, before, answer, sign) : takeToken(plan, before, answer, sign);
}

/** Links that count pages are not followed where a page is to overlap the one before: it is asked for by its number then. */
function isCounted({ paging, careful, size }: WalkPlan, { position }: WalkState, sign: Sign): boolean {
  if (paging.kind === "offset" || paging.kind === "page") return true;
  if (paging.kind !== "link" || paging.page === undefined || !careful || size === undefined || position.at === "url") return false;
  return position.at === "counted" || (sign.kind === "link" && countsPages(sign.url, paging.page));
}

/** Providers that count the pages of small listings may go by tokens in large ones. */
function countsPages(url: string | undefined, page: string): boolean {
  return url === undefined || new RegExp(`[?&]${encodeURIComponent(page)}=\\d`).test(url);
}
