/**
 * The memory that bodies may take which arrive now. Without a bound a few hundred slow senders with large bodies would fill all there is, and with it would end what
 * was taken in before.
 */
export class BodyMemory {
  readonly #most: number;
  #taken = 0;

  /** @param most Bytes. */
  constructor(most = 256 * 1024 * 1024) {
    this.#most = most;
  }

  /** @returns a reservation to be released once, or `undefined` when there is no room for the `bytes` that it begins with. */
  reserve(bytes: number): BodyReservation | undefined {
    let held = 0;
    const grow = (more: number): boolean => {
      if (this.#taken + more > this.#most) return false;
      this.#taken += more;
      held += more;
      return true;
    };
    if (!grow(bytes)) return undefined;
    return {
      /** Room for `total` in all. */
      cover: (total) => total <= held || grow(total - held),
      release: () => {
        this.#taken -= held;
        held = 0;
      },
    };
  }
}

export interface BodyReservation {
  /** @returns whether there is room for so many bytes in all. */
  cover(total: number): boolean;
  /** Calling it twice is safe. */
  release(): void;
}
