const begun = 0;
const inside = 1;

/** What a thread leaves in shared memory, readable when it can no longer say anything. */
export class LastWords {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(buffer = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** How many runs the thread has begun. */
  get begun(): number {
    return Atomics.load(this.#words, begun);
  }

  /**
   * The run whose code was entered and has not come back, `undefined` when there is none. Code is followed from where a run or a step begins to its first await, not
   * beyond.
   */
  get inside(): number | undefined {
    const run = Atomics.load(this.#words, inside);
    return run === 0 ? undefined : run;
  }

  countBegun(): void {
    Atomics.add(this.#words, begun, 1);
  }

  /** Calls the code of a run. */
  enter<T>(run: number, code: () => T): T {
    const before = Atomics.exchange(this.#words, inside, run);
    try {
      return code();
    } finally {
      Atomics.store(this.#words, inside, before);
    }
  }
}
