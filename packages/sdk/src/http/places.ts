/**
 * How many exchanges one party may have with one origin at a time. Tenants of a provider share its origin: were the connections to it one pool, first come first served, a tenant
 * whose calls take long would soon have all of them, and every other tenant would wait behind.
 */
export class Places {
  readonly #most: number;
  readonly #lines = new Map<string, { taken: number; readonly waiting: Set<() => void> }>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a place if one is free. Who has one leaves once. */
  tryTake(key: string): boolean {
    const line = this.#lines.get(key);
    if (line === undefined) this.#lines.set(key, { taken: 1, waiting: new Set() });
    else if (line.taken >= this.#most) return false;
    else line.taken += 1;
    return true;
  }

  /**
   * Calls `begin` when a place has become free for it, in the order of asking: for when none is.
   *
   * @returns what ends the waiting.
   */
  wait(key: string, begin: () => void): () => void {
    const waiting = this.#lines.get(key)?.waiting;
    waiting?.add(begin);
    return () => void waiting?.delete(begin);
  }

  leave(key: string): void {
    const line = this.#lines.get(key);
    if (line === undefined) return;
    const [next] = line.waiting;
    if (next !== undefined) {
      line.waiting.delete(next);
      next();
    } else if (line.taken > 1) line.taken -= 1;
    else this.#lines.delete(key);
  }
}
