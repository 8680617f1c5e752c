/** What somebody wants of what there is. */
export interface Want {
  /** At most so much. */
  readonly most: number;
  /** Gets so many times what one with a weight of 1 gets, as long as both want something. */
  readonly weight: number;
}

/**
 * Deals out what there is, a little to each in turn: deficit round robin. Who did not get all of its turn, because there was no more, goes on with it the next time, so
 * that over time each gets what its weight says, however little there is at once. Who wants nothing leaves, and saves nothing up.
 *
 * @see M. Shreedhar, G. Varghese: Efficient Fair Queueing Using Deficit Round Robin, 1996
 */
export class Rotation {
  /** What each may still take in its turn; in the order of their turns. */
  readonly #deficits = new Map<string, number>();
  readonly #quantum: number;

  /** @param quantum What one with a weight of 1 gets in a turn. */
  constructor(quantum: number) {
    this.#quantum = quantum;
  }

  /** Those who have a turn, or have one left over. */
  get size(): number {
    return this.#deficits.size;
  }

  /** Deals `room` among those who want some. @returns what each gets; who gets nothing is not in it. */
  deal(room: number, wants: ReadonlyMap<string, Want>): Map<string, number> {
    for (const key of this.#deficits.keys()) if (!wants.has(key)) this.#deficits.delete(key);
    for (const key of wants.keys()) if (!this.#deficits.has(key)) this.#deficits.set(key, 0);
    const dealt = new Map<string, number>();
    let left = Math.floor(room);
    while (left > 0) {
      const [next] = this.#deficits;
      if (next === undefined) break;
      const [key, saved] = next;
      const { most = 0, weight = 1 } = wants.get(key) ?? {};
      const has = dealt.get(key) ?? 0;
      // Whose turn was cut short goes on where it was; for others it begins.
      const deficit = saved >= 1 ? saved : saved + Math.max(this.#quantum * weight, 0.01);
      const share = Math.min(Math.floor(deficit), Math.floor(most) - has, left);
      if (share > 0) dealt.set(key, has + share);
      left -= Math.max(share, 0);
      this.#deficits.delete(key);
      const isContent = has + share >= Math.floor(most);
      if (isContent) continue;
      if (left === 0 && deficit - share >= 1) {
        this.#putFirst(key, deficit - share);
        break;
      }
      this.#deficits.set(key, deficit - share);
    }
    return dealt;
  }

  #putFirst(key: string, deficit: number): void {
    const others = [...this.#deficits];
    this.#deficits.clear();
    this.#deficits.set(key, deficit);
    for (const [other, saved] of others) this.#deficits.set(other, saved);
  }
}
