/** Time that passes only when nothing is left to do: what is planned happens in order, each with everything that follows from it at once. */
export class VirtualTime {
  #now = 1_000_000;
  #sequence = 0;
  #events: { readonly at: number; readonly sequence: number; readonly act: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  /** @returns what calls it off. */
  plan(at: number, act: () => void): () => void {
    const event = { at: Math.max(at, this.#now), sequence: (this.#sequence += 1), act };
    // Sorted by insertion: there are seldom more than some hundreds.
    let index = this.#events.length;
    while (index > 0 && isBefore(event, this.#events[index - 1])) index -= 1;
    this.#events.splice(index, 0, event);
    return () => {
      this.#events = this.#events.filter((other) => other !== event);
    };
  }

  async runUntil(until: number): Promise<void> {
    for (;;) {
      const [event] = this.#events;
      if (event === undefined || event.at > until) break;
      this.#events.shift();
      this.#now = event.at;
      event.act();
      for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
    }
    this.#now = until;
  }
}

function isBefore(
  one: { readonly at: number; readonly sequence: number },
  other: { readonly at: number; readonly sequence: number } | undefined,
): boolean {
  return other !== undefined && (one.at < other.at || (one.at === other.at && one.sequence < other.sequence));
}
