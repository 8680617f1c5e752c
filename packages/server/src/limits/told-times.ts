/** Whoever comes a little early waits in the thread for the very moment; a mailbox is not claimed that exactly. */
const earlyMs = 400;
const mostRemembered = 10_000;

/**
 * When calls were told to come again, by connection and lane. They wait in one mailbox, which goes by the latest time that any of them was told, but must come when there is room for the
 * first: so all are told that.
 */
export class ToldTimes {
  readonly #times = new Map<string, number>();

  /** The time to tell at `now`, when there should be room for this call at `at`. */
  firstFor(name: string, now: number, at: number): number {
    const early = at - Math.min(earlyMs, (at - now) / 4);
    const told = this.#times.get(name);
    const first = told !== undefined && told > now ? Math.min(told, early) : early;
    if (this.#times.size >= mostRemembered) this.#forgetPast(now);
    this.#times.set(name, first);
    return first;
  }

  #forgetPast(now: number): void {
    for (const [name, at] of this.#times) if (at <= now) this.#times.delete(name);
  }
}
