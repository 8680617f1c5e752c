import type { Grant } from "../oauth/index.ts";

/** How a kind of credential is renewed, as its connector declares it. */
export interface Renewal {
  /** `refresh`: a refresh token yields the next grant. `obtain`: it is made anew from fields that stay. */
  readonly kind: "refresh" | "obtain";
  /** Using the refresh token ends it. */
  readonly singleUse: boolean;
  /** For so long a request that left may still reach the provider, ms; see `takeLease`. */
  readonly settleMs: number;
  /** Lifetime of an access token whose answer has no `expires_in`, ms. */
  readonly lifetimeMs: number;
  /** A refresh token that is not used for so long ends, ms. Default: it does not. */
  readonly idleMs?: number;
  /** Fields that every call carries beside the token, such as the application's id. Default: none. */
  readonly carried?: readonly string[];
}

/** When a grant ends and when it is renewed, ms from now; `null`: never. */
export interface RefreshPlan {
  readonly expiresInMs: number | null;
  readonly idleExpiresInMs: number | null;
  readonly refreshInMs: number | null;
}

const minuteMs = 60_000;
/** A month-long token is not renewed days ahead for nothing; half a day leaves room for a bad night at the provider. */
const longestLeadMs = 12 * 3_600_000;
/** A lifetime that somebody has mistyped must not become an endless loop of renewals. */
const shortestLifetimeMs = 5_000;

/**
 * Plans the next renewal of what was just granted: a fifth of the lifetime before its end and a minute at least, never before half of it has passed; spread, so that
 * accounts that were connected together are not renewed together. A grant that ends when it lies unused is renewed when four fifths of that time have passed.
 *
 * Counted from now, by our own clock: what the provider's clock shows does not matter.
 */
export function planRefresh(
  grant: Pick<Grant, "expiresAtMs" | "refreshExpiresAtMs" | "fields">,
  renewal: Renewal | undefined,
  now: number,
  random: () => number,
): RefreshPlan {
  const renewable = renewal !== undefined && (renewal.kind === "obtain" || grant.fields["refreshToken"] !== undefined);
  const told = grant.expiresAtMs === null ? null : grant.expiresAtMs - now;
  const expiresInMs = told ?? renewal?.lifetimeMs ?? null;
  const idleExpiresInMs = earliest(renewal?.idleMs ?? null, grant.refreshExpiresAtMs === null ? null : grant.refreshExpiresAtMs - now);
  if (!renewable) return { expiresInMs, idleExpiresInMs, refreshInMs: null };
  const beforeIdle = idleExpiresInMs === null ? null : Math.max(idleExpiresInMs, shortestLifetimeMs) * 0.8 * (1 - random() / 10);
  return { expiresInMs, idleExpiresInMs, refreshInMs: earliest(expiresInMs === null ? null : beforeEnd(expiresInMs, random), beforeIdle) };
}

function beforeEnd(toldMs: number, random: () => number): number {
  const lifetimeMs = Math.max(toldMs, shortestLifetimeMs);
  const leadMs = Math.min(Math.max(lifetimeMs / 5, minuteMs), longestLeadMs, lifetimeMs / 2);
  // Earlier by up to half the lead, and by no more than is left of the first half.
  return Math.max(lifetimeMs - leadMs * (1 + random() / 2), lifetimeMs * (0.5 - random() / 10));
}

function earliest(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.min(one, other);
}

/** How long to pause after the nth failure in a row, ms. Half of it is jitter. */
export function pauseAfter(
  failures: number,
  schedule: { readonly firstMs: number; readonly mostMs: number },
  random: () => number,
): number {
  const ceiling = Math.min(schedule.mostMs, schedule.firstMs * 2 ** Math.min(failures - 1, 30));
  return ceiling / 2 + (random() * ceiling) / 2;
}

/** An outage is waited out, for as long as it takes: soon again at first, then every five minutes. */
export const outageSchedule = { firstMs: 1_000, mostMs: 5 * minuteMs } as const;

/** A client that is refused is mended by a person; that it has been is found by trying, slowly. */
export const misconfiguredSchedule = { firstMs: minuteMs, mostMs: 30 * minuteMs } as const;
