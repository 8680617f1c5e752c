/** Time as the pipeline sees it; tests put their own in. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `act` after `ms`, unless the function that it returns is called first. Default: made of `sleep`. */
  timer?(ms: number, act: () => void): () => void;
}

/** Calls `act` after `ms`. @returns what calls it off; calling that twice, or too late, is safe. */
export function after(clock: Clock, ms: number, act: () => void): () => void {
  if (clock.timer !== undefined) return clock.timer(ms, act);
  const calledOff = new AbortController();
  clock.sleep(ms, calledOff.signal).then(
    () => {
      // A clock of tests may not look at the signal.
      if (!calledOff.signal.aborted) act();
    },
    () => undefined, // called off
  );
  return () => calledOff.abort();
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: Date.now,
  timer: (ms, act) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      }, ms);
      signal?.addEventListener("abort", onAbort, { once: true });
    }),
};
