import type { BreakerDesk, BreakerKey, ProbeAnswer, ProbeEnd, Trip, Vouch } from "../breakers/index.ts";
import type { BreakerNews, ProbeAnswered } from "./protocol.ts";

/** The main thread is away, or the database is: longer than it takes either to say so. */
const longestWaitMs = 5_000;
const askAgainMs = 1_000;

/** What a thread says to the breakers that all processes share, by the main thread, and what it has asked and is not answered yet. */
export class PendingProbes implements BreakerDesk {
  readonly #post: (news: BreakerNews) => void;
  readonly #asked = new Map<number, (answer: ProbeAnswer) => void>();
  #requests = 0;

  constructor(post: (news: BreakerNews) => void) {
    this.#post = post;
  }

  trip(trip: Trip): void {
    this.#post({ kind: "trip", trip });
  }

  end(end: ProbeEnd): void {
    this.#post({ kind: "end", end });
  }

  vouch(vouch: Vouch): void {
    this.#post({ kind: "vouch", vouch });
  }

  async claim({ scope, key }: BreakerKey): Promise<ProbeAnswer> {
    const request = (this.#requests += 1);
    const answered = new Promise<ProbeAnswer>((resolve) => this.#asked.set(request, resolve));
    this.#post({ kind: "claim", request, key: { scope, key } });
    // One that comes later is not used; its lease expires.
    const tooLate = setTimeout(() => this.answer({ request, answer: { afterMs: askAgainMs } }), longestWaitMs);
    try {
      return await answered;
    } finally {
      clearTimeout(tooLate);
    }
  }

  answer({ request, answer }: ProbeAnswered): void {
    this.#asked.get(request)?.(answer);
    this.#asked.delete(request);
  }
}
