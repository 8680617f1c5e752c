/** More would cost memory per connection for little: at 256 slots a window is at most 0.4 % too strict. */
const mostSlots = 256;

/**
 * Counts requests so that no window of `perMs`, wherever it begins, holds more than `requests`. Exact up to 256 requests; above
 * that, requests share slots and the window errs on the strict side. At most 2 KB.
 */
export class SlidingWindow {
  readonly #perMs: number;
  readonly #slotSize: number;
  /** Per slot, when its newest request was made; a ring. */
  readonly #slots: Float64Array;
  #current = 0;
  #inCurrent = 0;

  constructor(requests: number, perMs: number) {
    this.#perMs = perMs;
    this.#slotSize = Math.ceil(requests / mostSlots);
    this.#slots = new Float64Array(Math.max(1, Math.floor(requests / this.#slotSize))).fill(Number.NEGATIVE_INFINITY);
  }

  /** Milliseconds until a request of this cost fits; 0 when it fits now. */
  waitMs(now: number, cost = 1): number {
    const further = this.#furtherSlots(cost);
    if (further === 0) return 0;
    const last = this.#slots[(this.#current + Math.min(further, this.#slots.length)) % this.#slots.length] ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, last + this.#perMs - now);
  }

  /** Counts one request, which must fit. */
  take(now: number, cost = 1): void {
    const further = this.#furtherSlots(cost);
    // What is left of the current slot is filled first.
    if (this.#inCurrent < this.#slotSize) this.#slots[this.#current] = now;
    for (let step = 0; step < further; step++) {
      this.#current = (this.#current + 1) % this.#slots.length;
      this.#slots[this.#current] = now;
    }
    this.#inCurrent += cost - further * this.#slotSize;
  }

  /** How many slots beyond the current one it needs. */
  #furtherSlots(cost: number): number {
    return Math.max(0, Math.ceil((this.#inCurrent + cost) / this.#slotSize) - 1);
  }
}
