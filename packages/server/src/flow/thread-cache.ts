import { after, type AnswerCache, type CacheAsk, type CacheChange, type CacheFound, type Clock } from "@belay/sdk/http";
import type { CacheAsked, CacheLanded, CacheSaid, FromThread } from "./protocol.ts";

/** The main thread waits for others that ask the same for 30 s at most; what takes longer is not waited for. */
const longestWaitMs = 35_000;

/** The cache as a thread sees it: the main thread has the database. */
export class ThreadCache implements AnswerCache {
  readonly #clock: Clock;
  readonly #flushSoon: () => void;
  readonly #pending = new Map<number, (found: CacheFound) => void>();
  #asked: CacheAsked[] = [];
  #landed: CacheLanded[] = [];
  #changed: CacheChange[] = [];
  #requests = 0;

  constructor(clock: Clock, flushSoon: () => void) {
    this.#clock = clock;
    this.#flushSoon = flushSoon;
  }

  find(asked: CacheAsk): Promise<CacheFound> {
    const request = (this.#requests += 1);
    this.#asked.push({ request, asked });
    this.#flushSoon();
    return new Promise((resolve) => {
      const callOff = after(this.#clock, longestWaitMs, () => this.answer({ request, found: { kind: "ask", flight: null } }));
      this.#pending.set(request, (found) => {
        callOff();
        resolve(found);
      });
    });
  }

  land(flight: number, value: string | null): void {
    this.#landed.push({ flight, value });
    this.#flushSoon();
  }

  changed(change: CacheChange): void {
    this.#changed.push(change);
    this.#flushSoon();
  }

  answer({ request, found }: CacheSaid): void {
    const resolve = this.#pending.get(request);
    this.#pending.delete(request);
    if (resolve !== undefined) resolve(found);
    // It was given up: others must not wait for it.
    else if (found.kind === "ask" && found.flight !== null) this.land(found.flight, null);
  }

  /** What is to be said to the main thread since the last time. */
  take(): Pick<FromThread, "cache"> {
    const [asked, landed, changed] = [this.#asked, this.#landed, this.#changed];
    if (asked.length === 0 && landed.length === 0 && changed.length === 0) return {};
    this.#asked = [];
    this.#landed = [];
    this.#changed = [];
    return { cache: { asked, landed, changed } };
  }
}
