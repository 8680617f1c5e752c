import type { ParsedLimit } from "@belay/sdk/http";
import { foreseeFrees, usedUnits } from "./count-units.ts";
import { totalOf } from "./lanes.ts";
import { settleWindow } from "./settle-window.ts";
import { sharePlaces } from "./share-places.ts";
import { shareUnits } from "./share-units.ts";
import { placesForMs, shortestClockWindowMs, spendForMs, wishToldMs } from "./timing.ts";
import type { Answer, Ask, Block, BudgetState, LimitAnswer, LimitAsk, LimitState, Usage } from "./types.ts";

/**
 * Answers what a holder asks of a budget: the whole policy, without a clock or a database of its own.
 *
 * No window can hold too much, by construction. A permit counts from when its block is asked for until a window after the provider had counted it at the latest: while the block is out it
 * counts in every window, then from the time at which the answer was there, reckoned from when the block was asked for, on the holder's own clock. `nowMs` was read from the database
 * after the holder had asked, so that this time errs on the late side. A block is granted only if all that counts leaves room for it in every window in which it can be spent.
 */
export function answerAsk(before: BudgetState, ask: Ask, nowMs: number): { readonly state: BudgetState; readonly answer: Answer } {
  const blockedUntilMs = Math.max(before.blockedUntilMs, ask.blockForMs === undefined ? 0 : nowMs + ask.blockForMs);
  const blockedForMs = Math.max(0, Math.ceil(blockedUntilMs - nowMs));
  const each = ask.limits.map(countable).map((limit, index) => {
    const asked = ask.of[index] ?? silent;
    return answerLimit(inherit(before.limits, limit, index), limit, { ask, asked, nowMs, blocked: blockedForMs > 0 });
  });
  return {
    state: { limits: each.map(({ state }) => state), blockedUntilMs, usage: countUsage(before.usage, ask.used, nowMs) },
    answer: {
      tenant: ask.tenant,
      key: ask.key,
      holder: ask.holder,
      block: ask.block,
      of: each.map(({ answer }) => answer),
      spendForMs,
      placesForMs,
      blockedForMs,
    },
  };
}

/** A short window by the clock would be over before it is sure to have begun: it is counted in any stretch of time instead, which is stricter. */
function countable({ align, ...limit }: ParsedLimit): ParsedLimit {
  return align === undefined || limit.perMs < shortestClockWindowMs ? limit : { ...limit, align };
}

const silent: LimitAsk = { held: [], wants: [0, 0, 0, 0], waiting: [0, 0, 0, 0], dearest: 1, places: { inUse: 0, wants: 0 } };

function answerLimit(
  before: LimitState,
  limit: ParsedLimit,
  given: { readonly ask: Ask; readonly asked: LimitAsk; readonly nowMs: number; readonly blocked: boolean },
): { readonly state: LimitState; readonly answer: LimitAnswer } {
  const { ask, asked, nowMs, blocked } = given;
  const { holder, block: id } = ask;
  const settled = settleWindow(before, limit, holder, asked, nowMs);
  const counts = limit.requests !== Number.POSITIVE_INFINITY;
  const spendUntilMs = nowMs + spendForMs;
  const free = counts && !blocked ? limit.requests - usedUnits(settled, limit, nowMs, spendUntilMs) : 0;
  const granted = free > 0 ? shareUnits(free, limit, before.waits, { holder, ask: asked, nowMs }) : 0;
  const block: Block = { id, holder, units: granted, fromMs: nowMs, spendUntilMs, seenMs: nowMs };
  const blocks = granted > 0 ? [...settled.blocks, block] : settled.blocks;
  const { places, given: placesGiven } = sharePlaces(before.places, limit, { holder, ask: asked.places, nowMs });
  const state: LimitState = {
    ...before,
    counted: settled.counted,
    blocks,
    places,
    waits: withWish(before.waits, { holder, asked, granted, nowMs }),
  };
  const isShort = counts && totalOf(asked.wants) > granted;
  return { state, answer: { granted, places: placesGiven, frees: isShort ? foreseeFrees(state, limit, nowMs) : [] } };
}

/** What waits although something was granted, the last lanes first. */
function withWish(
  waits: LimitState["waits"],
  {
    holder,
    asked,
    granted,
    nowMs,
  }: { readonly holder: string; readonly asked: LimitAsk; readonly granted: number; readonly nowMs: number },
): LimitState["waits"] {
  const others = Object.entries(waits).filter(([other, [atMs]]) => other !== holder && atMs + wishToldMs > nowMs);
  let given = granted;
  const [interactive, event, sync, backfill] = asked.waiting.map((units) => {
    const met = Math.min(units, given);
    given -= met;
    return units - met;
  });
  const units = [interactive ?? 0, event ?? 0, sync ?? 0, backfill ?? 0] as const;
  return Object.fromEntries(totalOf(units) > 0 ? [...others, [holder, [nowMs, units] as const]] : others);
}

/** The state of a limit that may have been declared otherwise until now: what was counted is taken over, into windows of another length as well. */
function inherit(limits: readonly LimitState[], { perMs, align = "" }: ParsedLimit, index: number): LimitState {
  const same = limits.find((state) => state.perMs === perMs && state.align === align && limits.indexOf(state) === index);
  const found = same ?? limits.find((state) => state.perMs === perMs && state.align === align);
  if (found !== undefined) return found;
  const [former] = limits;
  if (former === undefined || former.align !== "" || align !== "")
    return { perMs, align, counted: [], blocks: former?.blocks ?? [], places: {}, waits: {} };
  return { ...former, perMs, align };
}

const hourMs = 3_600_000;
/** Who uses next to nothing is not worth a longer row. */
const mostUsers = 20;

function countUsage({ sinceMs, by }: Usage, used: Ask["used"], nowMs: number): Usage {
  const fresh = nowMs - sinceMs >= hourMs;
  if (used === undefined) return fresh ? { sinceMs: nowMs, by: {} } : { sinceMs, by };
  const sums = new Map(fresh ? [] : Object.entries(by));
  for (const [who, units] of Object.entries(used)) sums.set(who, (sums.get(who) ?? 0) + units);
  const most = [...sums].toSorted((a, b) => b[1] - a[1]).slice(0, mostUsers);
  return { sinceMs: fresh ? nowMs : sinceMs, by: Object.fromEntries(most) };
}
