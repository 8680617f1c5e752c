/** Whoever comes a little early waits in the thread for the very moment; a mailbox is not claimed that exactly. */
export const earlyMs = 400;
const mostRemembered = 10_000;

/** When a mailbox comes again. */
export interface ToldTime {
  /** When there should be room for the first of its calls. */
  readonly roomAt: number;
  /** When it is to come, a little before that. */
  readonly comeAt: number;
}

/**
 * When calls were told to come again, by connection and lane. They wait in one mailbox, which comes again when there is room for the first: so all are told that.
 */
export class ToldTimes {
  readonly #times = new Map<string, ToldTime>();

  /** The time to tell at `now`, when there should be room for this call at `at`. */
  firstFor(mailbox: string, now: number, at: number): ToldTime {
    const told = this.#times.get(mailbox);
    const comeAt = at - Math.min(earlyMs, (at - now) / 4);
    if (told !== undefined && told.comeAt > now && told.comeAt <= comeAt) return told;
    const first = { roomAt: at, comeAt };
    if (this.#times.size >= mostRemembered) this.#forgetPast(now);
    this.#times.set(mailbox, first);
    return first;
  }

  #forgetPast(now: number): void {
    for (const [mailbox, { comeAt }] of this.#times) if (comeAt <= now) this.#times.delete(mailbox);
  }
}
