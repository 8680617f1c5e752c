import type { ParsedLimit } from "@belay/sdk/http";
import { lanes } from "./lanes.ts";
import { wishHoldsMs } from "./timing.ts";
import type { ByLane, LimitAsk, LimitState } from "./types.ts";

/** Of the free units, those that a holder gets. Whole calls only: less than the dearest one costs helps nobody. */
export function shareUnits(
  free: number,
  { requests, reserve = {} }: Pick<ParsedLimit, "requests" | "reserve">,
  waits: LimitState["waits"],
  { holder, ask, nowMs }: { readonly holder: string; readonly ask: LimitAsk; readonly nowMs: number },
): number {
  const others = sumOf(
    Object.entries(waits).flatMap(([other, [atMs, units]]) => (other !== holder && atMs + wishHoldsMs > nowMs ? [units] : [])),
  );
  let [left, kept, ahead, granted] = [free, 0, 0, 0];
  for (const [index, lane] of lanes.entries()) {
    const want = ask.wants[index] ?? 0;
    const rivals = others[index] ?? 0;
    // What is kept free for lanes before this one, and what others want in them, is not for this one.
    const room = left - Math.max(kept, ahead);
    if (want > 0 && room >= ask.dearest) {
      const fair = rivals > 0 ? Math.ceil((room * want) / (want + rivals)) : room;
      const whole = Math.max(ask.dearest, fair);
      const share = Math.floor(Math.min(want, whole, room));
      granted += share;
      left -= share;
    }
    kept += Math.floor(requests * (reserve[lane] ?? 0));
    ahead += rivals;
  }
  return granted;
}

function sumOf(wishes: readonly ByLane[]): ByLane {
  const sum: [number, number, number, number] = [0, 0, 0, 0];
  for (const wish of wishes) for (const [index, units] of wish.entries()) sum[index] = (sum[index] ?? 0) + units;
  return sum;
}
