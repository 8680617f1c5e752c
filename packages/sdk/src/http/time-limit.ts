/**
 * When an attempt's time is up, as the send layer hears of it. Not a signal: to make one for each attempt, follow the operation's with it and listen to it costs more than any
 * other layer does.
 */
export class TimeLimit {
  #isUp = false;
  #act: (() => void) | undefined;

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Calls `act` when the time is up; in the place of what was given before, because exchanges of an attempt follow one another. */
  whenUp(act: () => void): void {
    this.#act = act;
  }

  /** The time is up. */
  end(): void {
    this.#isUp = true;
    this.#act?.();
  }
}
