/**
 * When the leases end, in memory that all threads see: the check just before bytes leave costs no message between threads.
 * A thread that was stopped for a while sees at once that its time is over.
 */
export class LeaseTimes {
  readonly buffer: SharedArrayBuffer;
  readonly #times: BigInt64Array;

  constructor(source: number | SharedArrayBuffer) {
    this.buffer = typeof source === "number" ? new SharedArrayBuffer(source * BigInt64Array.BYTES_PER_ELEMENT) : source;
    this.#times = new BigInt64Array(this.buffer);
  }

  set(slot: number, deadlineMs: number): void {
    Atomics.store(this.#times, slot, BigInt(Math.floor(deadlineMs)));
  }

  /** The lease is over, whatever the time is. */
  end(slot: number): void {
    Atomics.store(this.#times, slot, 0n);
  }

  holds(slot: number, nowMs: number): boolean {
    return Atomics.load(this.#times, slot) > BigInt(Math.ceil(nowMs));
  }
}
