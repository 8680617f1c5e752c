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

  /** Milliseconds until a request fits; 0 when it fits now. */
  waitMs(now: number): number {
    if (this.#inCurrent > 0 && this.#inCurrent < this.#slotSize) return 0;
    const oldest = this.#slots[this.#inCurrent === 0 ? this.#current : this.#following()] ?? Number.NEGATIVE_INFINITY;
    return Math.max(0, oldest + this.#perMs - now);
  }

  /** Counts one request, which must fit. */
  take(now: number): void {
    if (this.#inCurrent >= this.#slotSize) {
      this.#current = this.#following();
      this.#inCurrent = 0;
    }
    this.#slots[this.#current] = now;
    this.#inCurrent++;
  }

  #following(): number {
    return (this.#current + 1) % this.#slots.length;
  }
}
