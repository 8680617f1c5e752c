/** What this process has seen since it started; cheap enough for the hot path. */
export class Counters {
  readonly #counts = new Map<string, number>();

  add(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Counts whose names begin with `prefix`, by the rest of the name. */
  under(prefix: string): Record<string, number> {
    return Object.fromEntries(
      [...this.#counts].filter(([name]) => name.startsWith(prefix)).map(([name, count]) => [name.slice(prefix.length), count]),
    );
  }
}
