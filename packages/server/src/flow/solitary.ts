import type { Clock } from "../telemetry/index.ts";
import type { Standing } from "./suspicion.ts";

/** A message that must not run with others now. */
export interface Inmate<T> {
  /** Asked whenever it could be its turn. */
  standing(): Standing;
  /** Runs it in the thread in which messages run alone. */
  alone(): Promise<{ readonly result: T; readonly threadEnded: boolean }>;
  /** Runs it with the others: it was found innocent while it waited. */
  free(): Promise<T>;
}

interface Waiting {
  standing(): Standing;
  alone(): Promise<void>;
  free(): Promise<void>;
}

/** After a run that ended its thread the convicted rest so many times as long as it took: they get a tenth of a core at most, whatever they do. */
const restFactor = 9;
const longestRestMs = 30_000;

/**
 * The queue of the thread in which messages run alone. The accused, most of them innocent, go first, and of them the likeliest; the convicted run when nobody else
 * waits, and rest after each run that ended the thread.
 */
export class Solitary {
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #running = false;
  #restUntil = 0;
  #stopped = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs it when it is its turn. */
  run<T>(inmate: Inmate<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const alone = async (): Promise<void> => {
        const startedAt = this.#clock.now();
        try {
          const { result, threadEnded } = await inmate.alone();
          const now = this.#clock.now();
          if (threadEnded) this.#restUntil = now + Math.min(longestRestMs, (now - startedAt) * restFactor);
          resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      this.#waiting.push({ standing: () => inmate.standing(), alone, free: () => inmate.free().then(resolve, reject) });
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
      for (;;) {
        this.#release();
        const next = this.#likeliest();
        const restMs = this.#restUntil - this.#clock.now();
        if (next !== undefined) {
          await next.alone();
        } else if (this.#waiting.length === 0) {
          return;
        } else if (restMs > 0 && !this.#stopped.signal.aborted) {
          // In short sleeps: an accused one may arrive meanwhile.
          await this.#clock.sleep(Math.min(restMs, 100), this.#stopped.signal);
        } else {
          await this.#waiting.shift()?.alone();
        }
      }
    } finally {
      this.#running = false;
    }
  }

  #release(): void {
    const freed = this.#waiting.filter((waiting) => waiting.standing().kind === "free");
    if (freed.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !freed.includes(waiting));
    for (const waiting of freed) void waiting.free(); // It tells its own caller how it ends.
  }

  /** Takes the accused one that began last out of the queue. */
  #likeliest(): Waiting | undefined {
    let place = -1;
    let highest = -1;
    this.#waiting.forEach((waiting, index) => {
      const standing = waiting.standing();
      if (standing.kind !== "accused" || standing.rank <= highest) return;
      highest = standing.rank;
      place = index;
    });
    return place === -1 ? undefined : this.#waiting.splice(place, 1)[0];
  }
}
