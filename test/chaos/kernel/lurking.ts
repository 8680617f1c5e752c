/** Faults that lie in wait. Each lets some chances pass and then strikes once. */
export class Lurking<Fault> {
  #waiting: { skip: number; readonly fault: Fault }[] = [];

  add(fault: Fault, skip: number): void {
    this.#waiting.push({ skip, fault });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** A chance for all that lie in wait; at most one of them takes it. */
  strike(): Fault | undefined {
    if (this.#waiting.length === 0) return undefined;
    for (const one of this.#waiting) one.skip -= 1;
    const striking = this.#waiting.find(({ skip }) => skip < 0);
    if (striking === undefined) return undefined;
    this.#waiting = this.#waiting.filter((one) => one !== striking);
    return striking.fault;
  }
}
