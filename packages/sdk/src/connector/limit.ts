import type { Duration } from "../duration.ts";

/** Who is served before whom: interactive calls first, backfills last. */
export type Lane = "interactive" | "event" | "sync" | "backfill";

/**
 * Whose calls a limit counts together. `connection`: each connection has its own. `account`: connections with the same `account` at the provider share it. `tenant`: all
 * connections of a tenant to this provider share it. `app`: all connections of all tenants share it, because the provider counts what the app does.
 */
export type LimitScope = "connection" | "account" | "tenant" | "app";

/** The headers by which answers tell how a limit stands. */
export interface LimitHeaders {
  readonly limit?: string;
  readonly remaining?: string;
  readonly used?: string;
  readonly reset?: { readonly header: string; readonly form: "epochSeconds" | "deltaSeconds" | "isoDate" };
}

/** A limit as the provider states it. At least one of `requests` (with `per`) and `concurrent`. */
export interface Limit {
  /** How much may be used within `per`: requests, or the provider's points where calls cost more than one. */
  readonly requests?: number;
  readonly per?: Duration;
  /** How many requests may be under way at once. */
  readonly concurrent?: number;
  /** Default `connection`. */
  readonly scope?: LimitScope;
  /**
   * Which calls it counts: an operation, `search.list`; all operations of a resource, `search`; or a method and a path, `POST /search`, where `{…}` stands for one part and a
   * path counts for all below it. Default: all calls.
   */
  readonly endpoint?: string;
  /** What each call that it counts takes of `requests`. Default 1. */
  readonly cost?: number;
  /** What calls take that cost otherwise, by endpoint as above; the first that fits. Default: all cost `cost`. */
  readonly costs?: Readonly<Record<string, number>>;
  /**
   * How the provider counts: in windows one after another, in any stretch of time, or by a bucket that empties evenly. Belay keeps
   * below `requests` in any stretch of time, which fits all three, unless `align` says where windows begin. Default `fixed`.
   */
  readonly counts?: "fixed" | "sliding" | "leaky";
  /**
   * For fixed windows of a day (`1d`), or of a part of an hour or a day (`15m`, `1h`): the time zone by whose clock they begin, such as `America/Los_Angeles` or `UTC`. All of
   * `requests` may then be used in each. Default: nobody knows where windows begin.
   */
  readonly align?: string;
  /** The share of `requests` that is kept free for a lane, 0 to 1: those below it never use it up. Default: none. */
  readonly reserve?: Readonly<Partial<Record<Lane, number>>>;
  /**
   * The headers by which answers tell how it stands. `RateLimit`: those of the IETF draft, in its present form and the older ones. `X-RateLimit`: `X-RateLimit-Limit`, `-Remaining` and
   * `-Reset`, which may hold seconds or a time. Belay waits for the reset when nothing remains, or for `per` without one, and takes what is missing as used by somebody else.
   *
   * @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
   */
  readonly headers?: LimitHeaders | "RateLimit" | "X-RateLimit";
  /** The status by which a request too many is refused. With 403 an error row must tell it from a missing permission. Default 429. */
  readonly refusal?: 429 | 403;
  /** Whether the refusal has a `Retry-After`. Default true. */
  readonly retryAfter?: boolean;
}
