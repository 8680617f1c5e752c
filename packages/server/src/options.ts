import type { OidcOptions } from "./access/index.ts";
import type { DatabaseOptions } from "./db/index.ts";
import type { ExchangeRetention } from "./exchanges/index.ts";
import type { HealthLimits } from "./insight/index.ts";
import type { DispatcherOptions, Retention, RetryPolicy } from "./mailbox/index.ts";
import type { MeasuresOptions } from "./measures/index.ts";
import type { ProxyOptions } from "./proxy/index.ts";
import type { ReviewOptions } from "./review/index.ts";
import type { Clock, Logger } from "./telemetry/index.ts";
import type { TelemetryTargets } from "./tracing/index.ts";
import type { BacklogBounds } from "./traffic/index.ts";
import type { KeyProvider } from "./vault/index.ts";

/** What a process does: take webhooks in, run flows, serve the API. */
export type Role = "ingest" | "worker" | "web";

export interface BelayOptions {
  /** The configuration module; worker threads import it too. */
  readonly config: URL | string;
  readonly database: DatabaseOptions;
  /**
   * Wraps the keys that the contents of messages are sealed under: `id:base64` of 32 bytes, several separated by commas, of which the first wraps and all unwrap;
   * or whoever keeps master keys elsewhere, such as a key management service. Without it nothing that was stored can be read again: see `docs/guide/keys.md`.
   */
  readonly masterKey: string | KeyProvider;
  /**
   * Where to listen; default: a free port on 127.0.0.1. `trustedProxies` are addresses and networks, `10.0.0.0/8`, of the proxies in front: of a request through one of them
   * `X-Forwarded-For` tells whom sign-in and the connect page throttle, and whom the audit log names. Default: none is believed.
   */
  readonly http?: {
    readonly host?: string;
    readonly port?: number;
    readonly trustedProxies?: readonly string[];
    /** Connections at a time; whoever comes beyond it takes the place of one that is silent. Default 4,096. */
    readonly maxConnections?: number;
  };
  /**
   * The first way into the API, with all permissions: API keys and operators are made with it. At least 16 random characters. Of several all work, so that one can be
   * rotated: see `docs/guide/rotation.md`.
   */
  readonly adminToken: string | readonly string[];
  /**
   * Where browsers and providers reach this server, such as `https://belay.example`, without a slash at the end. Links by which people connect begin with it, and
   * `{publicUrl}/connect/callback` has to be registered with providers. Default: whatever host browsers name; for links, the address that it listens at.
   */
  readonly publicUrl?: string;
  /** Origins to which the pages for connecting may send a browser back: `https://app.example`. Default: that of `publicUrl`, and this machine while that is this machine. */
  readonly returnOrigins?: readonly string[];
  /** By which identity provider operators sign in. Default: none, only the first administrator, by name and password. */
  readonly oidc?: OidcOptions;
  /** Default: all. */
  readonly roles?: readonly Role[];
  readonly retry?: Partial<RetryPolicy>;
  readonly dispatcher?: Partial<DispatcherOptions>;
  /** How long what has ended is kept. Default: 30 days of history, 14 days of attempts and their exchanges. */
  readonly retention?: Partial<Retention & ExchangeRetention>;
  /** What the daily access review takes for due, see `GET /v1/notices`. */
  readonly accessReview?: Partial<ReviewOptions>;
  /** From when on something counts as a threat, see `GET /v1/health`. */
  readonly health?: Partial<HealthLimits>;
  /** How much may wait before more is refused. Default: a million messages of a tenant, twenty million in all, for 72 hours, 64 GiB. */
  readonly backlog?: Partial<BacklogBounds>;
  /** Worker threads for flows, and their limits. */
  readonly flows?: {
    readonly threads?: number;
    readonly runTimeoutMs?: number;
    readonly attemptTimeoutMs?: number;
    readonly hangMs?: number;
    readonly threadMemoryMb?: number;
  };
  /** Limits of calls through the proxy. */
  readonly proxy?: ProxyOptions;
  readonly telemetry?: TelemetryOptions;
  /** How much is counted apart, and how long counts are kept. */
  readonly measures?: Partial<MeasuresOptions>;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What is told of events that ended well – of failures everything is – and to whom. */
export interface TelemetryOptions extends TelemetryTargets {
  /** The share of events that are traced although nothing failed: 0 to 1. Default: what `OTEL_TRACES_SAMPLER` says, else 0.01. */
  readonly sampleShare?: number;
}
