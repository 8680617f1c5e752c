import type { Lane } from "@belay/sdk";
import type { ByLane } from "./types.ts";

/** All lanes, the first served first. */
export const lanes = ["interactive", "event", "sync", "backfill"] as const satisfies readonly Lane[];

export const none: ByLane = [0, 0, 0, 0];

export function totalOf(units: ByLane): number {
  return units[0] + units[1] + units[2] + units[3];
}
