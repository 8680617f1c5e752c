import type { Clock as PipelineClock } from "@belay/sdk/http";
import type { Clock as ServerClock } from "../../../packages/server/src/telemetry/index.ts";
import type { Owner, VirtualTime } from "./virtual-time.ts";

/** The time at which every history begins: later than any partition of history that exists, so that none is needed. */
export const beginningMs = Date.UTC(2040, 0, 5, 8);

/** What people and time servers do to clocks: offsets to the virtual time, ms. Timers do not see them. */
export class WallClocks {
  readonly #time: VirtualTime;
  all = 0;
  database = 0;
  readonly #ofProcess = new Map<number, number>();

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  /** What everybody's clock says, but for those that are wrong on their own. */
  worldMs(): number {
    return beginningMs + this.#time.now + this.all;
  }

  databaseMs(): number {
    return this.worldMs() + this.database;
  }

  processMs(process: number): number {
    return this.worldMs() + (this.#ofProcess.get(process) ?? 0);
  }

  moveProcess(process: number, byMs: number): void {
    this.#ofProcess.set(process, (this.#ofProcess.get(process) ?? 0) + byMs);
  }
}

/** The server's clock for a process. */
export function serverClock(time: VirtualTime, owner: Owner, now: () => number): ServerClock {
  return {
    now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true) return resolve();
        const cancel = time.after(ms, owner, () => resolve());
        signal?.addEventListener(
          "abort",
          () => {
            cancel();
            resolve();
          },
          { once: true },
        );
      }),
  };
}

/** The pipeline's clock for a process. */
export function pipelineClock(time: VirtualTime, owner: Owner, now: () => number): PipelineClock {
  return {
    now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason);
        const cancel = time.after(ms, owner, () => resolve());
        signal?.addEventListener(
          "abort",
          () => {
            cancel();
            reject(signal.reason);
          },
          { once: true },
        );
      }),
  };
}
