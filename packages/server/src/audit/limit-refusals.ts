/** How many refusals of a minute are written down one by one: of one address, and of all together. */
const mostOfOne = 20;
const mostOfAll = 100;
const windowMs = 60_000;

/**
 * Says which refusals are written down one by one. Whoever knocks without end must not fill the disk with it; what is too much of a minute is counted, and the count is
 * written down when the minute is over.
 */
export class RefusalLimit {
  #since = 0;
  #all = 0;
  #omitted = 0;
  #ofAddress = new Map<string, number>();

  /** @returns whether this one is to be written down; and how many of the minute before were not, once. */
  admit(address: string, nowMs: number): { readonly admitted: boolean; readonly omittedBefore: number } {
    const omittedBefore = this.takeOmitted(nowMs);
    const ofThis = this.#ofAddress.get(address) ?? 0;
    const admitted = this.#all < mostOfAll && ofThis < mostOfOne;
    if (!admitted) this.#omitted += 1;
    else {
      this.#all += 1;
      this.#ofAddress.set(address, ofThis + 1);
    }
    return { admitted, omittedBefore };
  }

  /** How many were left out of a minute that is over; 0 while it lasts, or when none was. A second call gives 0. */
  takeOmitted(nowMs: number): number {
    if (nowMs - this.#since < windowMs) return 0;
    const omitted = this.#omitted;
    this.#since = nowMs;
    this.#all = 0;
    this.#omitted = 0;
    this.#ofAddress.clear();
    return omitted;
  }

  /** The same without waiting for the end of the minute. */
  takeAll(): number {
    const omitted = this.#omitted;
    this.#omitted = 0;
    return omitted;
  }
}
