/** Over so long is looked at what a mailbox gets done, ms: it counts what ended in this period and in the one before. */
const periodMs = 2_000;
/** Where nothing ends for so long, one more may begin, ms: what hangs keeps up others of its mailbox for no longer. */
const patienceMs = 5_000;

/**
 * How many messages of a mailbox are worth having in memory. What it has here beyond what its provider takes in the next few seconds only waits here instead of in its
 * table: hundreds of mailboxes of one slow provider would begin thousands of runs that then wait for each other, and give up together.
 *
 * What it may have to begin with is a part of its tenant's, see `roomOf`; what it has earned is as much as ended lately: twice as much with each round, while all ends quickly.
 *
 * @see J. D. C. Little: A Proof for the Queuing Formula L = λW, 1961
 */
export class Pace {
  #periodEndsAt: number;
  #ended = 0;
  #endedBefore = 0;
  #lastEndAt: number;

  /** @param now Since when it is looked at, ms. */
  constructor(now: number) {
    this.#periodEndsAt = now + periodMs;
    this.#lastEndAt = now;
  }

  /** So many messages have ended. */
  ended(count: number, now: number): void {
    if (count === 0) return;
    this.#look(now);
    this.#ended += count;
    this.#lastEndAt = now;
  }

  /** How many more may be in memory at `now` than there may be to begin with. */
  earned(now: number): number {
    this.#look(now);
    return this.#endedBefore + this.#ended + Math.max(0, Math.floor((now - this.#lastEndAt) / patienceMs));
  }

  #look(now: number): void {
    if (now < this.#periodEndsAt) return;
    const isNext = now < this.#periodEndsAt + periodMs;
    this.#endedBefore = isNext ? this.#ended : 0;
    this.#ended = 0;
    this.#periodEndsAt = now + periodMs;
  }
}
