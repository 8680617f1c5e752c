import type { CacheFound } from "@belay/sdk/http";
import type { CacheBook } from "../cache/index.ts";
import type { CacheNews, CacheSaid } from "./protocol.ts";

/** Gives what a thread says of the cache to the process's, and the answers back. */
export class CacheRelay {
  readonly #cache: CacheBook | undefined;
  readonly #answer: (said: CacheSaid) => void;
  /** Calls that the thread is to make, and others wait for. */
  readonly #flights = new Set<number>();
  #incarnation = 0;

  constructor(cache: CacheBook | undefined, answer: (said: CacheSaid) => void) {
    this.#cache = cache;
    this.#answer = answer;
  }

  hear({ asked, landed, changed }: CacheNews): void {
    // First: what is asked after a write must not be answered from before it.
    for (const change of changed) this.#cache?.changed(change);
    for (const { flight, value } of landed) if (this.#flights.delete(flight)) this.#cache?.land(flight, value);
    for (const { request, asked: one } of asked) {
      const incarnation = this.#incarnation;
      const finding: Promise<CacheFound> = this.#cache?.find(one) ?? Promise.resolve({ kind: "ask", flight: null });
      void finding.then((found) => this.#tell(incarnation, { request, found }));
    }
  }

  /** Resolves when what was said to be changed is no answer any more. Undefined: there is nothing to wait for. */
  settled(): Promise<void> | undefined {
    return this.#cache?.settled();
  }

  /** The thread has ended: its calls come to nothing. */
  ended(): void {
    this.#incarnation += 1;
    for (const flight of this.#flights) this.#cache?.land(flight, null);
    this.#flights.clear();
  }

  #tell(incarnation: number, said: CacheSaid): void {
    const flight = said.found.kind === "ask" ? said.found.flight : null;
    if (incarnation !== this.#incarnation) {
      // Another thread has never asked.
      if (flight !== null) this.#cache?.land(flight, null);
      return;
    }
    if (flight !== null) this.#flights.add(flight);
    this.#answer(said);
  }
}
