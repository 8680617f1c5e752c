import { randomUUID } from "node:crypto";
import { PermitHolder, type PermitHolderParts } from "./permit-holder.ts";
import { steadyClock } from "./steady-clock.ts";

/** A holder of permits for the thread that calls this. `now`: the clock of the pipeline, epoch milliseconds. */
export function openHolder(lease: PermitHolderParts["lease"], now: () => number): PermitHolder {
  return new PermitHolder({
    // It is in every row that it holds permits of: short, and yet nobody else's.
    holder: randomUUID().slice(0, 13),
    now,
    elapsed: steadyClock(now, () => performance.now()),
    timer: (ms, act) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    lease,
  });
}
