import { after, type Admission, type AttemptOutcome, type Clock } from "@belay/sdk/http";

const admitted: Admission = { admitted: true, probe: false };
/** So many at once are as good as no bound. */
const wholeWindow = 64;
/** Longer waits are the mailbox's business. */
const longestWaitMs = 1_000;
const mostWaiting = 1_000;
/** Who calls so rarely that it takes longer needs no ramp. */
const longestMs = 60_000;

/**
 * The way back after an outage: one attempt at a time at first, then as many more at once as have gone well. Doubles with each round trip, so that a provider that is
 * still weak is not thrown down again, and one that is well is at full speed within seconds.
 */
export class Ramp {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #waiting = new Set<() => void>();
  readonly #endsAt: number;
  #window = 1;
  #underWay = 0;

  constructor(clock: Clock, random: () => number) {
    this.#clock = clock;
    this.#random = random;
    this.#endsAt = clock.now() + longestMs;
  }

  /** Nothing needs to be held back any more. */
  get done(): boolean {
    return this.#window > wholeWindow || this.#clock.now() >= this.#endsAt;
  }

  /** Attempts that may be under way at once. */
  get window(): number {
    return this.#window;
  }

  enter(): Admission | Promise<Admission> {
    if (this.done) return admitted;
    if (this.#underWay < this.#window) {
      this.#underWay += 1;
      return admitted;
    }
    if (this.#waiting.size >= mostWaiting) return this.#refusal();
    return new Promise((resolve) => {
      const letIn = (): void => {
        cancel();
        resolve(admitted);
      };
      const cancel = after(this.#clock, longestWaitMs, () => {
        this.#waiting.delete(letIn);
        resolve(this.#refusal());
      });
      this.#waiting.add(letIn);
    });
  }

  leave(outcome: AttemptOutcome): void {
    this.#underWay = Math.max(0, this.#underWay - 1);
    if (outcome === "success") this.#window += 1;
    if (outcome === "failure") this.#window = 1;
    for (const letIn of this.#waiting) {
      if (!this.done && this.#underWay >= this.#window) break;
      this.#waiting.delete(letIn);
      this.#underWay += 1;
      letIn();
    }
  }

  /** Spread, or they would all come back at once. */
  #refusal(): Admission {
    return { admitted: false, afterMs: 200 + this.#random() * longestWaitMs };
  }
}
