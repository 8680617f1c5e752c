import { endWalk, freshOf, isSamePage, keysOf, remember, stuck } from "./page.ts";
import type { Taken, WalkAnswer } from "./page.ts";
import type { WalkPlan } from "./plan.ts";
import { hopOver } from "./recover.ts";
import type { EndSign, WhyNone } from "./proof.ts";
import { stepBack, toEdge } from "./seek.ts";
import type { Sign } from "./sign.ts";
import { doubt } from "./state.ts";
import type { WalkState } from "./state.ts";

/** How often a page after the last may turn out not to be empty before the walk gives up its proof. */
const mostConfirms = 20;

/** How often in a row a page may come again. */
const mostSame = 3;

/** What is known of a page before it is judged. */
interface Counted {
  readonly plan: WalkPlan;
  readonly before: WalkState;
  readonly answer: WalkAnswer;
  readonly sign: Sign;
  readonly keys: readonly string[];
  /** The position of its first record, and how many were asked for. */
  readonly start: number;
  readonly asked: number | undefined;
  /** The last of its records that was read before; -1: none. */
  readonly anchor: number;
}

/**
 * A page that was asked for by its position. Whatever is created or deleted before it shifts it, so in a careful walk it begins before the end
 * of what was read, and counts only if something of that is on it: one answer is one moment, so nothing can then lie between.
 */
export function takeCounted(plan: WalkPlan, before: WalkState, answer: WalkAnswer, sign: Sign): Taken {
  const keys = keysOf(plan, answer);
  const known = new Set(before.tail);
  const { position } = before;
  const page: Counted = {
    plan,
    before,
    answer,
    sign,
    keys,
    start: position.at === "counted" ? position.start : 0,
    asked: position.at === "counted" ? (position.size ?? plan.size?.asked) : plan.size?.asked,
    anchor: keys.findLastIndex((key) => key !== "" && known.has(key)),
  };
  const same = isSame(page) ? before.same + 1 : 0;
  if (same > (plan.careful ? mostSame : 0)) return stuck(before, "serves the same page again", "looped");
  if (page.start > 0 && plan.careful && before.loose === undefined && page.anchor < 0) return retreat(page);
  return keys.length === 0 ? takeEmpty(page) : takeFull({ ...page, before: { ...before, same } });
}

/**
 * A provider that ignores where we are serves the same page for ever; positions of ours would go on counting. Once or twice, a page comes
 * again because as many records as it holds were created before it.
 */
function isSame({ before, keys, start, plan }: Counted): boolean {
  if (start === 0 || before.back > 0 || !isSamePage(before, keys)) return false;
  // Made to overlap, a page may well have what the one before had, if it began as far back.
  return !plan.careful || before.edge - start < keys.length;
}

/** Nothing that was read before is on the page: it is left unread, and asked for again from farther back. */
function retreat(page: Counted): Taken {
  const back = stepBack(page.plan, page.before);
  if (back !== undefined) return { kind: "more", state: back, fresh: [] };
  return page.keys.length === 0 ? takeEmpty({ ...page, before: doubt(page.before, "drifted") }) : takeFull(page);
}

function takeEmpty(page: Counted): Taken {
  const { plan, before, sign, start, asked } = page;
  const { loose: _loose, ...kept } = before;
  if (isEnd(page)) {
    if (isAlone(page)) {
      const position = { at: "start" } as const;
      return { kind: "more", state: { ...kept, position, edge: 0, last: 0, confirms: before.confirms + 1, loose: "again" }, fresh: [] };
    }
    // An end behind a gap is not joined to what was read; nor is one behind pages that could not overlap.
    const isJoined = !plan.careful || before.loose === undefined || before.loose === "confirm" || before.loose === "again";
    const joined = isJoined ? kept : doubt(kept, before.loose === "blind" ? blindness(plan) : "drifted");
    return endWalk(plan, isTotalWrong(sign, before.edge) ? doubt(joined, "total-disagrees") : joined, [], signOf(sign));
  }
  const width = before.longest || asked;
  if (width === undefined) return stuck(before, "promises more after an empty first page, from which nothing leads on", "looped");
  return { kind: "more", state: toEdge(plan, { ...kept, last: 0, edge: start + width }, "gap"), fresh: [] };
}

/**
 * One record was read, and nothing is behind it: it was the only one, or has gone and left its place to another that the walk has not seen. At the start stands which.
 */
function isAlone({ plan, before, start }: Counted): boolean {
  return plan.careful && before.loose === "blind" && before.longest <= 1 && start === 1 && before.confirms < mostConfirms;
}

/** The only record of before is still the only one: it was when nothing was behind it, so nothing has been left out. */
function isStillAlone({ before, keys, anchor, sign }: Counted): boolean {
  if (before.loose !== "again" || keys.length !== 1 || anchor !== 0) return false;
  if (sign.kind === "total") return sign.total <= 1;
  return sign.kind === "flag" ? !sign.more : sign.kind === "empty" || (sign.kind === "link" && sign.url === undefined);
}

function takeFull(page: Counted): Taken {
  const { plan, before, answer, sign, keys, start, asked, anchor } = page;
  const isJoined = start === 0 || anchor >= 0 || !plan.careful;
  if (before.loose === "confirm" && !isJoined && before.confirms < mostConfirms) {
    // There is something after the end: it is looked at from where it can be joined.
    return { kind: "more", state: toEdge(plan, { ...before, confirms: before.confirms + 1 }), fresh: [] };
  }
  const fresh = freshOf(before, keys);
  const { loose: _loose, ...got } = remember(plan, before, keys, fresh, answer);
  const counted: WalkState = { ...got, back: 0, edge: start + keys.length };
  const state = isJoined ? counted : doubt(counted, before.loose === "blind" ? blindness(plan) : "drifted");
  if (isStillAlone(page)) return endWalk(plan, state, fresh, signOf(sign));
  if (isEnd(page)) {
    if (mustConfirm(page)) return { kind: "more", state: toEdge(plan, state), fresh };
    return endWalk(plan, isTotalWrong(sign, state.edge) ? doubt(state, "total-disagrees") : state, fresh, signOf(sign));
  }
  // A single record may be what was left at the end; where a walk begins it is what the server gives, and the numbers of its pages count by that.
  const isShort = asked !== undefined && keys.length < asked && (keys.length > 1 || (start === 0 && before.longest <= 1));
  const next = isShort ? { ...state, cap: Math.min(state.cap ?? Infinity, keys.length) } : state;
  // The provider lists no more by position than so many; the rest is asked for by the value of the listing's order, if it can be.
  if (plan.most !== undefined && next.edge + (asked ?? next.longest) > plan.most) {
    const hopped = hopOver(plan, next);
    if (hopped !== undefined) return { kind: "more", state: hopped, fresh };
    if (next.edge >= plan.most) return endWalk(plan, doubt(next, "capped"), fresh, signOf(sign));
  }
  // It has room for more than the end of what was read, and nothing more is on it.
  const hasRoom = keys.length < (asked ?? Infinity) && (keys.length < before.longest || before.longest <= 1);
  const hasNothingNew = anchor === keys.length - 1 && hasRoom;
  if (!hasNothingNew || !plan.careful) return { kind: "more", state: toEdge(plan, next), fresh };
  if (sign.kind === "empty") return { kind: "more", state: toEdge(plan, next, "confirm"), fresh };
  return { kind: "more", state: toEdge(plan, { ...next, edge: start + next.longest }, "gap"), fresh };
}

/** Whether the sign says that this is the last page. */
function isEnd({ sign, keys, before, start, asked }: Counted): boolean {
  switch (sign.kind) {
    case "empty":
      return keys.length === 0;
    case "flag":
      return !sign.more;
    case "link":
      return sign.url === undefined;
    case "total": {
      // A total that is too low must not cut the listing off: a full page promises more whatever the total says.
      const full = keys.length > 0 && (keys.length >= (asked ?? Infinity) || (before.longest > 0 && keys.length >= before.longest));
      return !full && start + keys.length >= sign.total;
    }
    default:
      return true;
  }
}

/**
 * A total may be wrong and the page short because the server caps it. A page that has fewer records than another one had is the last; one
 * that is as long may not be, so the next is asked for, which begins before its end and must have nothing new.
 */
function mustConfirm({ plan, sign, keys, before }: Counted): boolean {
  return plan.careful && sign.kind === "total" && keys.length > 1 && keys.length >= before.longest;
}

function isTotalWrong(sign: Sign, seen: number): boolean {
  return sign.kind === "total" && sign.total !== seen;
}

function blindness({ size }: WalkPlan): WhyNone {
  return size === undefined ? "not-declared" : "drifted";
}

function signOf(sign: Sign): EndSign {
  switch (sign.kind) {
    case "flag":
      return "end-by-flag";
    case "empty":
      return "end-by-empty-page";
    case "link":
      return "end-by-no-link";
    default:
      return "end-by-total";
  }
}
