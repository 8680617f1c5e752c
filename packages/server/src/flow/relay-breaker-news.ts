import type { BreakerDesk } from "../breakers/index.ts";
import type { BreakerNews, ProbeAnswered } from "./protocol.ts";

const askAgainMs = 1_000;

/** Passes on what a thread tells of breakers; `answer` is called with what its claims come to. Without a desk nobody is told. */
export function relayBreakerNews(desk: BreakerDesk | undefined, news: BreakerNews, answer: (answered: ProbeAnswered) => void): void {
  switch (news.kind) {
    case "trip":
      desk?.trip(news.trip);
      return;
    case "end":
      desk?.end(news.end);
      return;
    case "vouch":
      desk?.vouch(news.vouch);
      return;
    case "claim": {
      const { request, key } = news;
      const claimed = desk?.claim(key) ?? Promise.resolve({ afterMs: askAgainMs });
      // It never rejects; should it, the thread asks again.
      claimed.then(
        (given) => answer({ request, answer: given }),
        () => answer({ request, answer: { afterMs: askAgainMs } }),
      );
    }
  }
}
