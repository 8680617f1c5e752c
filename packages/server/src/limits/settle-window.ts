import type { ParsedLimit } from "@belay/sdk/http";
import { countUnits, endsAt, usedUnits, withoutPast } from "./count-units.ts";
import { countedWithinMs } from "./timing.ts";
import type { Block, Counted, LimitAsk, LimitState } from "./types.ts";

type Window = Pick<LimitState, "counted" | "blocks">;

/**
 * Takes in what a holder says of its blocks: what was answered counts from then on, what is outstanding stays out, what is neither was given back. Told twice it counts twice,
 * which errs on the strict side. A block whose holder is silent counts as spent in full.
 */
export function settleWindow(state: Window, limit: ParsedLimit, holder: string, ask: LimitAsk, nowMs: number): Window {
  if (limit.requests === Number.POSITIVE_INFINITY) return { counted: [], blocks: [] };
  const held = new Map(ask.held.map((block) => [block.id, block]));
  let { counted } = state;
  const blocks = state.blocks.flatMap((block): Block[] => {
    const told = block.holder === holder ? held.get(block.id) : undefined;
    if (told === undefined) {
      const latestMs = Math.max(block.spendUntilMs, block.seenMs) + countedWithinMs;
      if (latestMs > nowMs) return [block];
      counted = countUnits(counted, limit, block.fromMs, latestMs, block.units);
      return [];
    }
    for (const [afterMs, units] of told.counted) {
      // Clocks of two machines run at the same pace but for a thousandth; nobody's answer comes from the future.
      const latestMs = Math.min(block.fromMs + afterMs * 1.001 + 1, nowMs);
      counted = countUnits(counted, limit, block.fromMs, latestMs, units);
    }
    const units = Math.min(block.units, told.outstanding);
    return units <= 0 ? [] : [{ ...block, units, seenMs: nowMs }];
  });
  const settled = { counted: withoutPast(counted, limit, nowMs), blocks };
  return ask.learned === undefined ? settled : { ...settled, counted: withForeign(settled, limit, ask.learned, nowMs) };
}

/** What the provider counts beyond what we know, somebody else has used. */
function withForeign(state: Window, limit: ParsedLimit, learned: NonNullable<LimitAsk["learned"]>, nowMs: number): readonly Counted[] {
  const { remaining, askedMsAgo, resetInMs = Number.POSITIVE_INFINITY } = learned;
  const known = usedUnits(state, limit, nowMs - askedMsAgo);
  const foreign = Math.ceil(limit.requests - known - remaining);
  if (foreign <= 0) return state.counted;
  if (limit.align !== undefined) return countUnits(state.counted, limit, nowMs, nowMs, foreign);
  // Counted so that it no longer counts when the provider says that all is there again.
  const fromMs = Math.min(nowMs, nowMs + resetInMs - limit.perMs);
  return endsAt(fromMs, limit) <= nowMs ? state.counted : countUnits(state.counted, limit, fromMs, fromMs, foreign);
}
