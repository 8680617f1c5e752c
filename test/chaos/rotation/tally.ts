/** Calls and what became of them, by the kind of secret that was rotated meanwhile. */
export class Tally {
  readonly #phases = new Map<string, { calls: number; failed: number }>();
  readonly #failures = new Map<string, number>();
  /** Which kind is rotated now. */
  phase = "start";

  /** Counts a call that has ended. @param failure Why it failed; `undefined`: it did not. */
  add(what: string, failure: string | undefined, phase = this.phase): void {
    const counts = this.#phases.get(phase) ?? { calls: 0, failed: 0 };
    this.#phases.set(phase, counts);
    counts.calls += 1;
    if (failure === undefined) return;
    counts.failed += 1;
    const sentence = `While ${phase} was rotated: ${what} failed: ${failure}.`;
    this.#failures.set(sentence, (this.#failures.get(sentence) ?? 0) + 1);
  }

  of(phase: string): { readonly calls: number; readonly failed: number } {
    return this.#phases.get(phase) ?? { calls: 0, failed: 0 };
  }

  get calls(): number {
    return [...this.#phases.values()].reduce((sum, { calls }) => sum + calls, 0);
  }

  get failed(): number {
    return [...this.#phases.values()].reduce((sum, { failed }) => sum + failed, 0);
  }

  /** Each way of failing once, with how often. */
  get failures(): string[] {
    return [...this.#failures].map(([sentence, count]) => (count === 1 ? sentence : `${count} times: ${sentence}`));
  }
}
