import type { Clock } from "../telemetry/index.ts";

interface Waiting {
  readonly go: () => Promise<void>;
}

/** After a run that ended its thread the convicted rest so many times as long as it took: they get a fifth of a core at most, whatever they do. */
const restFactor = 4;
const longestRestMs = 30_000;

/**
 * The queue of the thread in which messages run alone. The accused, most of them innocent, go first; the convicted run when nobody else waits, and rest after
 * each run that ended the thread.
 */
export class Solitary {
  readonly #clock: Clock;
  readonly #accused: Waiting[] = [];
  readonly #convicted: Waiting[] = [];
  #running = false;
  #restUntil = 0;
  #stopped = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` when it is its turn; the rest is told by what it returns. */
  run<T>(convicted: boolean, work: () => Promise<{ readonly result: T; readonly threadEnded: boolean }>): Promise<T> {
    return new Promise((resolve, reject) => {
      const go = async (): Promise<void> => {
        const startedAt = this.#clock.now();
        try {
          const { result, threadEnded } = await work();
          const now = this.#clock.now();
          if (threadEnded) this.#restUntil = now + Math.min(longestRestMs, (now - startedAt) * restFactor);
          resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      (convicted ? this.#convicted : this.#accused).push({ go });
      if (!this.#running) this.#loop().catch(reject);
    });
  }

  /** Nobody rests any longer. */
  stop(): void {
    this.#stopped.abort();
  }

  async #loop(): Promise<void> {
    this.#running = true;
    try {
      while (this.#accused.length + this.#convicted.length > 0) {
        const restMs = this.#restUntil - this.#clock.now();
        if (this.#accused.length === 0 && restMs > 0 && !this.#stopped.signal.aborted) {
          // In short sleeps: an accused one may arrive meanwhile.
          await this.#clock.sleep(Math.min(restMs, 100), this.#stopped.signal);
          continue;
        }
        await (this.#accused.shift() ?? this.#convicted.shift())?.go();
      }
    } finally {
      this.#running = false;
    }
  }
}
