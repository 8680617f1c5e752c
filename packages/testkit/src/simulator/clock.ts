import { setTimeout as wait } from "node:timers/promises";

/** Time as the simulator sees it; tests replace it. */
export interface SimulatorClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms`, early and without an error when `signal` aborts. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: SimulatorClock = {
  now: () => Date.now(),
  async wait(ms, signal) {
    try {
      await wait(ms, undefined, { ref: false, ...(signal && { signal }) });
    } catch (error) {
      if (signal?.aborted !== true) throw error; // an aborted wait is an ended wait
    }
  },
};
