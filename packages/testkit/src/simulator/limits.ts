import { toMs } from "@belay/sdk";
import type { Limit, LimitHeaders } from "@belay/sdk";

export type Entrance =
  | { readonly admitted: true }
  /** `limit`: the one that has no room. */
  | { readonly admitted: false; readonly retryAfterSeconds: number; readonly limit: Limit };

/** Counts requests as a provider does. Refused requests are not counted. */
export interface LimitCounter {
  /** Admits a request, or says how long until there is room. Whoever was admitted must call `leave` once. */
  enter(now: number): Entrance;
  leave(): void;
  /** Takes back that the last admitted request counted. */
  forgive(now: number): void;
  /** The declared headers as they stand now. */
  headers(now: number): Readonly<Record<string, string>>;
}

/** One limit's count. */
interface Meter {
  /** Milliseconds until another request fits; 0 when it fits now. */
  waitMs(now: number): number;
  take(now: number): void;
  /** Undoes the last `take`. */
  giveBack(now: number): void;
  remaining(now: number): number;
  /** When all of it is there again, in milliseconds since the epoch. */
  resetAt(now: number): number;
}

export function countLimits(limits: readonly Limit[]): LimitCounter {
  const metered = limits.flatMap((limit) => {
    const { requests, per } = limit;
    return requests === undefined || per === undefined ? [] : [{ limit, meter: meters[limit.counts ?? "fixed"](requests, toMs(per)) }];
  });
  const narrowest = limits.reduce<Limit | undefined>(
    (least, limit) => (limit.concurrent !== undefined && limit.concurrent < (least?.concurrent ?? Infinity) ? limit : least),
    undefined,
  );
  let running = 0;
  return {
    enter(now) {
      if (narrowest?.concurrent !== undefined && running >= narrowest.concurrent)
        return { admitted: false, retryAfterSeconds: 1, limit: narrowest };
      for (const { limit, meter } of metered) {
        const waitMs = meter.waitMs(now);
        if (waitMs > 0) return { admitted: false, retryAfterSeconds: Math.ceil(waitMs / 1_000), limit };
      }
      for (const { meter } of metered) meter.take(now);
      running += 1;
      return { admitted: true };
    },
    leave() {
      running -= 1;
    },
    forgive(now) {
      for (const { meter } of metered) meter.giveBack(now);
    },
    headers: (now) => Object.assign({}, ...metered.map(({ limit, meter }) => describeLimit(limit, meter, now))) as Record<string, string>,
  };
}

function describeLimit({ headers, requests, per }: Limit, meter: Meter, now: number): Record<string, string> {
  if (headers === "RateLimit") {
    const seconds = Math.max(0, Math.ceil((meter.resetAt(now) - now) / 1_000));
    const window = per === undefined ? "" : `;w=${toMs(per) / 1_000}`;
    return { "ratelimit-policy": `"default";q=${requests}${window}`, ratelimit: `"default";r=${meter.remaining(now)};t=${seconds}` };
  }
  if (headers === "X-RateLimit") return describeLimit({ headers: xRateLimit, ...(requests !== undefined && { requests }) }, meter, now);
  const { limit, remaining, used, reset } = headers ?? {};
  return {
    ...(limit === undefined ? {} : { [limit.toLowerCase()]: String(requests) }),
    ...(remaining === undefined ? {} : { [remaining.toLowerCase()]: String(meter.remaining(now)) }),
    ...(used === undefined ? {} : { [used.toLowerCase()]: String((requests ?? 0) - meter.remaining(now)) }),
    ...(reset === undefined ? {} : { [reset.header.toLowerCase()]: writeReset(meter.resetAt(now), reset.form, now) }),
  };
}

const xRateLimit: LimitHeaders = {
  limit: "X-RateLimit-Limit",
  remaining: "X-RateLimit-Remaining",
  reset: { header: "X-RateLimit-Reset", form: "epochSeconds" },
};

function writeReset(at: number, form: "epochSeconds" | "deltaSeconds" | "isoDate", now: number): string {
  switch (form) {
    case "epochSeconds":
      return String(Math.ceil(at / 1_000));
    case "deltaSeconds":
      return String(Math.max(0, Math.ceil((at - now) / 1_000)));
    case "isoDate":
      return new Date(at).toISOString();
  }
}

const meters: Readonly<Record<NonNullable<Limit["counts"]>, (requests: number, perMs: number) => Meter>> = {
  /** Windows one after another, each beginning with the first request after the last one's end. */
  fixed(requests, perMs) {
    let [endsAt, used] = [0, 0];
    const usedAt = (now: number): number => (now >= endsAt ? 0 : used);
    return {
      waitMs: (now) => (usedAt(now) < requests ? 0 : endsAt - now),
      take(now) {
        if (now >= endsAt) [endsAt, used] = [now + perMs, 0];
        used += 1;
      },
      giveBack: (now) => void (used = Math.max(0, usedAt(now) - 1)),
      remaining: (now) => requests - usedAt(now),
      resetAt: (now) => (now >= endsAt ? now + perMs : endsAt),
    };
  },
  /** No stretch of time of this length, wherever it begins, holds more. */
  sliding(requests, perMs) {
    let taken: number[] = [];
    const recent = (now: number): readonly number[] => (taken = taken.filter((at) => at > now - perMs));
    return {
      waitMs: (now) => (recent(now).length < requests ? 0 : (taken[0] ?? now) + perMs - now),
      take: (now) => void taken.push(now),
      giveBack: () => void taken.pop(),
      remaining: (now) => requests - recent(now).length,
      resetAt: (now) => (recent(now).at(-1) ?? now) + perMs,
    };
  },
  /** A bucket that holds so many and empties evenly over the time. */
  leaky(requests, perMs) {
    let [level, at] = [0, 0];
    const levelAt = (now: number): number => Math.max(0, level - ((now - at) * requests) / perMs);
    return {
      waitMs: (now) => Math.max(0, Math.ceil(((levelAt(now) + 1 - requests) * perMs) / requests)),
      take: (now) => void ([level, at] = [levelAt(now) + 1, now]),
      giveBack: (now) => void ([level, at] = [Math.max(0, levelAt(now) - 1), now]),
      remaining: (now) => Math.floor(requests - levelAt(now)),
      resetAt: (now) => now + (levelAt(now) * perMs) / requests,
    };
  },
};
