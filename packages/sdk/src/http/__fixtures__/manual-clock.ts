import type { Clock } from "../clock.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that moves when told. Sleeps shorter than `instantBelowMs` are over at once and move it by their length, so that pauses
 * cost a test nothing while time-outs wait for `advance`.
 */
export class ManualClock implements Clock {
  readonly slept: number[] = [];
  readonly #instantBelowMs: number;
  readonly #sleepers = new Set<Sleeper>();
  #now = Date.UTC(2026, 0, 1);

  constructor(instantBelowMs = 0) {
    this.#instantBelowMs = instantBelowMs;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (ms < this.#instantBelowMs) {
      this.slept.push(ms);
      this.#now += ms;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const sleeper: Sleeper = { at: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal?.addEventListener(
        "abort",
        () => {
          this.#sleepers.delete(sleeper);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  advance(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.at > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
