import { after, type Clock, type KeptAnswer, type KnownAnswer, type LastKnown } from "@belay/sdk/http";
import type { FromThread, KnownAsked, KnownFound } from "./protocol.ts";

/** The main thread reads one row; if it takes longer than this, the call is told that nothing is known. */
const longestWaitMs = 5_000;

/** What calls were answered with last, as a thread sees it: the main thread has the database. Nothing is sent for calls that do not fall back on it. */
export class ThreadLastKnown implements LastKnown {
  readonly #clock: Clock;
  readonly #flushSoon: () => void;
  readonly #pending = new Map<number, (found: KnownAnswer | undefined) => void>();
  #kept: KeptAnswer[] = [];
  #asked: KnownAsked[] = [];
  #requests = 0;

  constructor(clock: Clock, flushSoon: () => void) {
    this.#clock = clock;
    this.#flushSoon = flushSoon;
  }

  keep(answer: KeptAnswer): void {
    this.#kept.push(answer);
    this.#flushSoon();
  }

  find({ tenant, connection, key }: Pick<KeptAnswer, "tenant" | "connection" | "key">): Promise<KnownAnswer | undefined> {
    const request = (this.#requests += 1);
    this.#asked.push({ request, tenant, connection, key });
    this.#flushSoon();
    return new Promise((resolve) => {
      const callOff = after(this.#clock, longestWaitMs, () => this.answer({ request }));
      this.#pending.set(request, (found) => {
        callOff();
        resolve(found);
      });
    });
  }

  answer({ request, found }: KnownFound): void {
    const resolve = this.#pending.get(request);
    this.#pending.delete(request);
    resolve?.(found);
  }

  /** What is to be said to the main thread since the last time. */
  take(): Pick<FromThread, "kept" | "asked"> {
    const [kept, asked] = [this.#kept, this.#asked];
    if (kept.length === 0 && asked.length === 0) return {};
    this.#kept = [];
    this.#asked = [];
    return { ...(kept.length > 0 && { kept }), ...(asked.length > 0 && { asked }) };
  }
}
