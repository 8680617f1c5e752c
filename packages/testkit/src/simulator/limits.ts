import { toMs } from "@belay/sdk";
import type { Limit } from "@belay/sdk";

/** Counts requests as a provider does. */
export interface LimitCounter {
  /** Admits a request, or says how long until there is room. Whoever was admitted must call `leave` once. */
  enter(now: number): { readonly admitted: true } | { readonly admitted: false; readonly retryAfterSeconds: number };
  leave(): void;
}

/** Counts by fixed windows, each beginning with the first request after the last window's end. Refused requests are not counted. */
export function countLimits(limits: readonly Limit[]): LimitCounter {
  const windows = limits.flatMap(({ requests, per }) =>
    requests === undefined || per === undefined ? [] : [{ requests, lengthMs: toMs(per), endsAt: 0, used: 0 }],
  );
  const concurrent = Math.min(...limits.map((limit) => limit.concurrent ?? Infinity));
  let running = 0;
  return {
    enter(now) {
      if (running >= concurrent) return { admitted: false, retryAfterSeconds: 1 };
      for (const window of windows) {
        if (now >= window.endsAt) Object.assign(window, { endsAt: now + window.lengthMs, used: 0 });
        if (window.used >= window.requests) return { admitted: false, retryAfterSeconds: Math.ceil((window.endsAt - now) / 1_000) };
      }
      for (const window of windows) window.used += 1;
      running += 1;
      return { admitted: true };
    },
    leave() {
      running -= 1;
    },
  };
}
