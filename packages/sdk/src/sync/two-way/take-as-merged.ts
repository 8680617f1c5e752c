import type { Fields, LinkState, SideState } from "./types.ts";

/**
 * What is remembered of a thing that was never merged, where both sides are known to have had it and one of them has deleted it since: that is a deletion, and not a side that never had
 * it.
 *
 * @param data What the other side has.
 */
export function takeAsMerged(data: Fields): LinkState {
  const side: SideState = { seen: data, told: data, version: null };
  return { base: data, a: side, b: side, held: [] };
}
