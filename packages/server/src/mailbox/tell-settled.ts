import type { Counters } from "../telemetry/index.ts";
import type { Lease, Result } from "./types.ts";

/** Told of results once they are on disk. Must be quick. */
export type OnSettled = (lease: Lease, results: readonly Result[]) => void;

const settledCounters = {
  delivered: "message.delivered",
  superseded: "message.superseded",
  retry: "message.retried",
  dead: "message.dead-lettered",
  park: "message.parked",
  hold: "message.held",
  suspend: "message.suspended",
  forgive: "message.forgiven",
} as const satisfies Record<Result["kind"], string>;

/** Counts results that are on disk, and tells whoever counts them more finely. */
export function tellSettled(
  { counters, onSettled }: { readonly counters: Counters; readonly onSettled?: OnSettled },
  lease: Lease,
  results: readonly Result[],
): void {
  for (const { kind } of results) counters.add(settledCounters[kind]);
  if (results.length > 0) onSettled?.(lease, results);
}
