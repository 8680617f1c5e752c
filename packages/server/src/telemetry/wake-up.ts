import type { Clock } from "./clock.ts";

/** Aborting without a reason of its own would make a DOMException each time, with its stack. */
const rung = Symbol("rung");

/** A loop's alarm clock: it sleeps until somebody rings or the time is up. A ring while it is awake ends its next sleep at once. */
export class WakeUp {
  readonly #clock: Clock;
  #rung = false;
  #asleep: AbortController | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#asleep?.abort(rung);
  }

  /** Returns true when rung, false when the time ran out. */
  async sleep(ms: number): Promise<boolean> {
    if (!this.#rung) {
      this.#asleep = new AbortController();
      await this.#clock.sleep(ms, this.#asleep.signal);
      this.#asleep = undefined;
    }
    const wasRung = this.#rung;
    this.#rung = false;
    return wasRung;
  }
}
