import type { ParsedLimit } from "@belay/sdk/http";
import { windowAt } from "./clock-windows.ts";
import { clockSkewMs, countedWithinMs } from "./timing.ts";
import type { Block, Counted, LimitState } from "./types.ts";

/** Times are rounded up to so many parts of a window: exact to half a percent, in a row of a few KB. */
const slotsPerWindow = 250;
/** What an answer said of a limit is compared with what was counted when it was asked for: so long what has run out is kept. */
const keptMs = 15_000;

type Times = Pick<ParsedLimit, "perMs" | "align">;

/** Notes that the provider counted units, some time between the two. */
export function countUnits(
  counted: readonly Counted[],
  { perMs, align }: Times,
  earliestMs: number,
  latestMs: number,
  units: number,
): readonly Counted[] {
  if (units <= 0) return counted;
  if (align !== undefined) {
    // Nobody knows in which of two windows it was counted: so it counts in both.
    const first = windowAt(earliestMs - clockSkewMs, perMs, align);
    const last = windowAt(latestMs + clockSkewMs, perMs, align);
    const once = addAt(counted, first.fromMs, units);
    return last.fromMs === first.fromMs ? once : addAt(once, last.fromMs, units);
  }
  const slotMs = Math.max(1, Math.ceil(perMs / slotsPerWindow));
  return addAt(counted, Math.ceil(latestMs / slotMs) * slotMs, units);
}

function addAt(counted: readonly Counted[], atMs: number, units: number): readonly Counted[] {
  const at = counted.findIndex(([ms]) => ms >= atMs);
  const found = at === -1 ? undefined : counted[at];
  if (found === undefined) return [...counted, [atMs, units]];
  if (found[0] === atMs) return counted.with(at, [atMs, found[1] + units]);
  return counted.toSpliced(at, 0, [atMs, units]);
}

/** When what counts from this time on no longer counts. */
export function endsAt(atMs: number, { perMs, align }: Times): number {
  return align === undefined ? atMs + perMs : windowAt(atMs, perMs, align).untilMs + clockSkewMs;
}

/** Leaves out what nobody will ask for any more. */
export function withoutPast(counted: readonly Counted[], limit: Times, nowMs: number): readonly Counted[] {
  return counted.filter(([atMs]) => endsAt(atMs, limit) + keptMs > nowMs);
}

/**
 * The most that counts in any window in which permits can be spent between now and `spendUntilMs`: what the provider has counted, and every block that is out.
 */
export function usedUnits(
  { counted, blocks }: Pick<LimitState, "counted" | "blocks">,
  limit: Times,
  nowMs: number,
  spendUntilMs = nowMs,
): number {
  if (limit.align === undefined) {
    let used = 0;
    for (const [atMs, units] of counted) if (atMs + limit.perMs > nowMs) used += units;
    for (const { units } of blocks) used += units;
    return used;
  }
  const { perMs, align } = limit;
  const first = windowAt(nowMs - clockSkewMs, perMs, align).fromMs;
  const last = windowAt(spendUntilMs + countedWithinMs + clockSkewMs, perMs, align).fromMs;
  const inWindow = (fromMs: number): number => {
    let used = 0;
    for (const [atMs, units] of counted) if (atMs === fromMs) used += units;
    for (const block of blocks) if (touches(block, fromMs, limit, nowMs)) used += block.units;
    return used;
  };
  return first === last ? inWindow(first) : Math.max(inWindow(first), inWindow(last));
}

/** Whether a permit of the block may be counted in the window that begins then. */
function touches(block: Block, fromMs: number, { perMs, align = "UTC" }: Times, nowMs: number): boolean {
  const earliest = windowAt(block.fromMs - clockSkewMs, perMs, align).fromMs;
  const latest = Math.max(nowMs, block.spendUntilMs) + countedWithinMs + clockSkewMs;
  return earliest <= fromMs && fromMs <= latest;
}

const mostForeseen = 24;

/** When how many more units will be free, if blocks that are out are spent now. */
export function foreseeFrees(
  state: Pick<LimitState, "counted" | "blocks">,
  limit: ParsedLimit,
  nowMs: number,
): (readonly [number, number])[] {
  const out = state.blocks.reduce((sum, { units }) => sum + units, 0);
  const expected = countUnits(state.counted, limit, nowMs, nowMs, out);
  let free = limit.requests - usedUnits({ counted: expected, blocks: [] }, limit, nowMs);
  const frees: [number, number][] = free > 0 ? [[0, free]] : [];
  const ends = expected.map(([atMs, units]) => [endsAt(atMs, limit), units] as const).filter(([endMs]) => endMs > nowMs);
  for (const [endMs, units] of ends.slice(0, mostForeseen)) {
    free += units;
    frees.push([Math.ceil(endMs - nowMs), free]);
  }
  return frees;
}
