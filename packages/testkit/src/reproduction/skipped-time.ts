import type { Clock } from "@belay/sdk/http";

/** Time that passes as soon as nobody has anything left to do. */
export interface SkippedTime extends Clock {
  /** Calls `action` in `ms`. */
  after(ms: number, action: () => void): void;
}

interface Due {
  readonly at: number;
  readonly action: () => void;
}

/** Turns of the event loop in which nothing new is asked for before time goes on: a flow may do work of its own in between. */
const idleTurns = 5;

export function createSkippedTime(startMs: number): SkippedTime {
  let now = startMs;
  let idle = 0;
  let turning = false;
  const due = new Set<Due>();
  const turn = (): void => {
    idle += 1;
    if (idle >= idleTurns) {
      idle = 0;
      const [next] = [...due].toSorted((a, b) => a.at - b.at);
      if (next !== undefined) {
        due.delete(next);
        now = Math.max(now, next.at);
        next.action();
      }
    }
    turning = due.size > 0;
    if (turning) setImmediate(turn);
  };
  const add = (ms: number, action: () => void): Due => {
    const one = { at: now + ms, action };
    due.add(one);
    idle = 0;
    if (!turning) setImmediate(turn);
    turning = true;
    return one;
  };
  return {
    now: () => now,
    after: (ms, action) => void add(ms, action),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason);
          return;
        }
        const onAbort = (): void => {
          due.delete(one);
          reject(signal?.reason);
        };
        const one = add(ms, () => {
          signal?.removeEventListener("abort", onAbort);
          resolve();
        });
        signal?.addEventListener("abort", onAbort, { once: true });
      }),
  };
}

/** Lets `Date` tell another time until it is disposed of, for flows that look at the clock. */
export function setDate(now: () => number): Disposable {
  const machine = globalThis.Date;
  const told = new Proxy(machine, {
    construct: (target, args: unknown[]): Date => (args.length === 0 ? new target(now()) : (Reflect.construct(target, args) as Date)),
    apply: (target) => new target(now()).toString(),
    get: (target, name): unknown => (name === "now" ? now : Reflect.get(target, name)),
  });
  globalThis.Date = told;
  return { [Symbol.dispose]: () => void (globalThis.Date = machine) };
}
