import createFetchClient from "openapi-fetch";
import type { EventReference } from "../connector/define-connector.ts";
import { BelayError } from "../errors/belay-error.ts";
import type { Register } from "../errors/failure-texts.ts";
import { type Clock, systemClock } from "../http/clock.ts";
import type { Reproduction } from "../flow/reproduction.ts";
import type { components, paths } from "./api.generated.ts";
import { type BatchCalls, batchCalls } from "./batch-calls.ts";
import { type CacheCalls, cacheCalls } from "./cache-calls.ts";
import { type ViewCalls, viewCalls } from "./view-calls.ts";
import { type ChangeFeed, changeFeed } from "./changes.ts";
import { type ProxyCall, toProxyRequest } from "./call-provider.ts";
import { identityCalls, type IdentityCalls } from "./identity-calls.ts";
import { pages } from "./pages.ts";
import { dataOf, requireJson } from "./read-result.ts";
import { reasonOf, sendAgain } from "./send-again.ts";
import { reconcileCalls, type ReconcileCalls } from "./reconcile-calls.ts";
import { syncCalls, type SyncCalls } from "./sync-calls.ts";
import { type TwoWayCalls, twoWayCalls } from "./two-way-calls.ts";
import { unifiedCalls, type UnifiedCalls } from "./unified-calls.ts";

type Schemas = components["schemas"];
export type ApiMessage = Schemas["Message"];
export type ApiStory = Schemas["Story"];
export type ApiFoundStory = Schemas["StoryPage"]["items"][number];
export type ApiAttempt = Schemas["Attempt"];
export type ApiToldFailure = Schemas["ToldFailure"];
export type ApiDeadLetter = Schemas["DeadLetter"];
export type ApiProvider = Schemas["Provider"];
export type ApiConnection = Schemas["Connection"];
export type ApiConnectSession = Schemas["ConnectSession"];
export type ApiDisconnection = Schemas["Disconnection"];
export type ApiNotice = Schemas["Notice"];
export type ConnectSessionRequest = Schemas["ConnectSessionRequest"];
export type ApiInstallation = Schemas["Installation"];
export type ApiHealth = Schemas["Health"];
export type ApiFigures = Schemas["Figures"];
export type ApiLimits = Schemas["LimitsOfConnection"];
export type ApiMeasured = Schemas["Measured"];
export type ApiMeasuredSeries = Schemas["MeasuredSeries"];
export type ApiStreamPage = Schemas["StreamPage"];
export type ApiStreamEvent = Schemas["StreamEvent"];
export type ApiKey = Schemas["ApiKey"];
export type ApiKeyWish = Schemas["ApiKeyWish"];
export type ApiMadeKey = Schemas["MadeApiKey"];
export type ApiAuditPage = Schemas["AuditPage"];
export type ApiPause = Schemas["Pauses"]["items"][number];
export type ApiWeights = Schemas["Weights"];
export type ApiBacklog = Schemas["Backlog"]["items"][number];
export type Emission = Schemas["Emission"];

export interface BelayClientOptions {
  /** Belay's address: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** An API key, or the admin token. */
  readonly token: string;
  /** One call with all its attempts. Default 15,000. */
  readonly deadlineMs?: number;
  /** Default: the machine's. */
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly clock?: Clock;
  /** In [0, 1). Default: the machine's. */
  readonly random?: () => number;
}

export interface MessageQuery {
  readonly tenant?: string;
  /** `<connection>/<lane>` of the target. */
  readonly mailbox?: string;
  readonly flow?: string;
  readonly state?: ApiMessage["state"];
  /** Received, or replayed, at this time or later. */
  readonly since?: Date;
}

/** Which of what was counted. */
export interface MeasuresQuery {
  readonly tenant?: string;
  readonly kind?: ApiMeasuredSeries["kind"];
  readonly connection?: string;
  readonly flow?: string;
  readonly endpoint?: string;
  /** Default: an hour ago. */
  readonly from?: Date;
  /** Default: now. */
  readonly to?: Date;
  /** How long a point is. Default: totals only. */
  readonly step?: "1m" | "1h";
}

export interface StreamQuery {
  readonly tenant?: string;
  readonly type?: ApiStreamEvent["type"];
  /** The `next` of the page before. Default: the beginning of what is kept. */
  readonly after?: string;
}

/** Which part of the audit log. */
export interface AuditQuery {
  /** Entries of this time or later. */
  readonly from?: Date;
  /** Entries before this time. */
  readonly to?: Date;
  /** The `next` of the page before. Default: the beginning. */
  readonly after?: string;
}

/** What is to be paused, or to go on. */
export interface PauseOrder {
  readonly scope: ApiPause["scope"];
  readonly id: string;
  /** Of this tenant only, for a flow or a connector. Default: of all. */
  readonly tenant?: string;
}

/** Which dead letters; at least one member. */
export interface DeadLetterQuery {
  readonly tenant?: string;
  readonly code?: string;
  readonly flow?: string;
}

/** Belay, as the host application speaks to it. Every method throws the API's codes, `API_UNREACHABLE` and `API_ANSWER_INVALID`. */
export interface BelayClient extends SyncCalls, UnifiedCalls, ReconcileCalls, IdentityCalls, TwoWayCalls {
  /**
   * Tells Belay that something happened. Resolves when it is on disk together with the work that it causes. Emitting it again under the same id changes nothing.
   *
   * ```ts
   * await belay.emit(app["contact.changed"], { tenant: "acme", id: `contact-7-rev-3`, data: { id: "7", email: "ada@acme.example" } });
   * ```
   */
  emit<Data>(
    event: EventReference<Data>,
    happened: { readonly tenant: string; readonly id: string; readonly data: Data },
  ): Promise<Emission>;
  /**
   * Messages by any handle: the id of a message, a trace, an event or a record, an order key, an e-mail address, an order number, a tenant. Newest first, page after page.
   */
  stories(ref: string, tenant?: string): AsyncIterable<ApiFoundStory>;
  /** Messages, newest first, page after page as they are asked for. */
  messages(query?: MessageQuery): AsyncIterable<ApiMessage>;
  /** The whole story of one message. `exchanges: "full"`: with the headers and bodies of its exchanges. */
  message(id: number, tenant?: string, options?: { readonly exchanges?: "full" }): Promise<ApiStory>;
  /** What is wrong with one message and what to do, for one reader. */
  explain(id: number, reader: Register, tenant?: string): Promise<ApiToldFailure>;
  /** A failed attempt as a file that fails alike offline. Default: the last that failed. */
  reproduction(id: number, which?: { readonly tenant?: string; readonly attempt?: number }): Promise<Reproduction>;
  readonly deadLetters: {
    /** Newest first, page after page. */
    list(query?: DeadLetterQuery): AsyncIterable<ApiDeadLetter>;
    /** With its cause and what to do. */
    show(id: number, tenant?: string): Promise<ApiStory>;
    /** Gives one another chance; resolves with 1, or 0 when it was done before. Safe to repeat. */
    replay(letter: { readonly tenant: string; readonly id: number }): Promise<number>;
    /** Ends one for good. */
    discard(letter: { readonly tenant: string; readonly id: number }): Promise<number>;
    /** All that match; resolves with how many. */
    replayAll(query: DeadLetterQuery): Promise<number>;
    discardAll(query: DeadLetterQuery): Promise<number>;
  };
  /** What changed its state, oldest first, a page at a time. Who keeps `next` and goes on with it misses nothing and gets nothing twice. */
  stream(query?: StreamQuery): Promise<ApiStreamPage>;
  readonly changes: ChangeFeed;
  readonly batches: BatchCalls;
  readonly cache: CacheCalls;
  readonly views: ViewCalls;
  /** Connections and how they stand: those of the configuration first, then those that were made since. */
  connections(tenant?: string): AsyncIterable<ApiConnection>;
  readonly apiKeys: {
    /** Those that have ended too; never their texts. */
    list(): AsyncIterable<ApiKey>;
    /** The answer is the only place where the key itself is. A repeat makes another one. */
    create(wish: ApiKeyWish): Promise<ApiMadeKey>;
    /** A key that may do the same; the old one works on for so many hours. Default 24. */
    rotate(id: string, options?: { readonly overlapHours?: number }): Promise<ApiMadeKey>;
    /** Ends one, everywhere within two seconds. Safe to repeat. */
    revoke(id: string): Promise<void>;
  };
  /** The audit log, oldest first, a page at a time. An empty page is the end. */
  audit(query?: AuditQuery): Promise<ApiAuditPage>;
  connection(id: string): Promise<ApiConnection>;
  /**
   * Makes a link by which one of your users connects an account, once, within half an hour. Send the user there; they come back to `returnUrl` with `connection` and
   * `status` in the query; without one they stay at a page that can be closed. With `connection` that one is reconnected.
   *
   * ```ts
   * const { url } = await belay.connectSession({ tenant: "acme", connector: "hubspot", returnUrl: "https://app.example/settings" });
   * ```
   */
  connectSession(request: ConnectSessionRequest): Promise<ApiConnectSession>;
  /** Gives an account up: its credential is shredded and given back at the provider. What waits for it goes on when it is connected again. Safe to repeat. */
  disconnect(id: string): Promise<ApiDisconnection>;
  /** Replaces the webhook secrets of a connection that somebody connected; all that are given are valid at once. Safe to repeat. */
  setWebhookSecrets(id: string, secrets: readonly string[]): Promise<void>;
  /** What the daily access review has found and nobody has mended yet, the oldest first. */
  notices(): AsyncIterable<ApiNotice>;
  health(): Promise<ApiHealth>;
  figures(): Promise<ApiFigures>;
  /** How many, how long, how late, how often failed, as all processes have written it down. */
  measures(query?: MeasuresQuery): Promise<ApiMeasured>;
  /** What a connection may still send under its provider's limits, of all processes together. */
  limits(connection: string): Promise<ApiLimits>;
  installation(): Promise<ApiInstallation>;
  /** What waits, by tenant, most first; at most 100 of them. */
  backlog(tenant?: string): Promise<readonly ApiBacklog[]>;
  /** What is paused, by whom, and why. */
  pauses(): Promise<readonly ApiPause[]>;
  /** Lets it wait, in all processes within a second. Pausing it twice is safe: the first reason stays. */
  pause(order: PauseOrder & { readonly why: string }): Promise<void>;
  /** Lets it go on; resolves with whether it was paused. */
  resume(order: PauseOrder): Promise<boolean>;
  weights(): Promise<ApiWeights>;
  /** How many times what a tenant or lane with a weight of 1 gets; `null` for its default. */
  setWeight(of: { readonly tenant: string } | { readonly lane: keyof ApiWeights["lanes"] }, weight: number | null): Promise<ApiWeights>;
  /** Providers, and whether they are called now: one that is away gets probes only. */
  providers(): Promise<readonly ApiProvider[]>;
  /**
   * Calls a provider as a tenant. Every answer is given as it is, a refusal of Belay's own among them: its `x-belay-source` is not `provider`. It is not repeated here,
   * because the server does that.
   *
   * @throws `API_UNREACHABLE`; `PROXY_PATH_INVALID` for a path with a dot segment or one that is not encoded.
   */
  proxy(connection: string, call: ProxyCall): Promise<Response>;
}

/** Most items of a page. */
const limit = 100;

/**
 * Speaks to Belay's API. Calls have a deadline and are repeated when that may help; those that write carry an Idempotency-Key, so that no repeat has a second effect.
 *
 * @see docs/api/README.md
 */
export function createBelayClient(options: BelayClientOptions): BelayClient {
  const { url, token, deadlineMs = 15_000, fetch = globalThis.fetch, clock = systemClock, random = defaultRandom } = options;
  const api = createFetchClient<paths>({
    baseUrl: url.replace(/\/+$/, ""),
    headers: { authorization: `Bearer ${token}` },
    fetch: async (request) => requireJson(await sendAgain(request, { fetch, clock, random, deadlineMs })),
  });
  const keyed = (): { header: { "idempotency-key": string } } => ({ header: { "idempotency-key": crypto.randomUUID() } });
  return {
    async emit({ type }, { tenant, id, data }) {
      return dataOf(await api.POST("/v1/events", { body: { tenant, type, id, data } }));
    },
    stories: (ref, tenant) =>
      pages(async (cursor) =>
        dataOf(await api.GET("/v1/stories", { params: { query: { ref, ...(tenant !== undefined && { tenant }), limit, ...cursor } } })),
      ),
    messages: ({ since, ...query } = {}) =>
      pages(async (cursor) =>
        dataOf(
          await api.GET("/v1/messages", {
            params: { query: { ...query, ...(since && { since: since.toISOString() }), limit, ...cursor } },
          }),
        ),
      ),
    message: async (id, tenant, shown) =>
      dataOf(
        await api.GET("/v1/messages/{id}", { params: { path: { id }, query: { ...(tenant !== undefined && { tenant }), ...shown } } }),
      ),
    explain: async (id, reader, tenant) =>
      dataOf(
        await api.GET("/v1/messages/{id}/explanation", {
          params: { path: { id }, query: { for: reader, ...(tenant !== undefined && { tenant }) } },
        }),
      ),
    stream: async ({ after, type, tenant } = {}) =>
      dataOf(
        await api.GET("/v1/stream", {
          params: {
            query: {
              limit,
              ...(after !== undefined && { cursor: after }),
              ...(tenant !== undefined && { tenant }),
              // The server knows which types there are, and says so.
              ...(type !== undefined && { type: type as never }),
            },
          },
        }),
      ),
    reproduction: async (id, which = {}) =>
      dataOf(await api.GET("/v1/messages/{id}/reproduction", { params: { path: { id }, query: { ...which } } })),
    deadLetters: {
      list: (query = {}) =>
        pages(async (cursor) => dataOf(await api.GET("/v1/dead-letters", { params: { query: { ...query, limit, ...cursor } } }))),
      show: async (id, tenant) =>
        dataOf(await api.GET("/v1/dead-letters/{id}", { params: { path: { id }, query: tenant === undefined ? {} : { tenant } } })),
      replay: async ({ tenant, id }) =>
        dataOf(await api.POST("/v1/dead-letters/{id}/replay", { params: { path: { id }, query: { tenant }, ...keyed() } })).count,
      discard: async ({ tenant, id }) =>
        dataOf(await api.POST("/v1/dead-letters/{id}/discard", { params: { path: { id }, query: { tenant }, ...keyed() } })).count,
      replayAll: async (query) => dataOf(await api.POST("/v1/dead-letters/replay", { params: { query: { ...query }, ...keyed() } })).count,
      discardAll: async (query) =>
        dataOf(await api.POST("/v1/dead-letters/discard", { params: { query: { ...query }, ...keyed() } })).count,
    },
    changes: changeFeed(api),
    batches: batchCalls(api, keyed),
    cache: cacheCalls(api),
    views: viewCalls(api),
    connections: (tenant) =>
      pages(async (cursor) =>
        dataOf(await api.GET("/v1/connections", { params: { query: { ...(tenant !== undefined && { tenant }), limit, ...cursor } } })),
      ),
    apiKeys: {
      list: () => pages(async (cursor) => dataOf(await api.GET("/v1/api-keys", { params: { query: { limit, ...cursor } } }))),
      create: async (wish) => dataOf(await api.POST("/v1/api-keys", { body: wish })),
      rotate: async (id, { overlapHours = 24 } = {}) =>
        dataOf(await api.POST("/v1/api-keys/{id}/rotate", { params: { path: { id } }, body: { overlapHours } })),
      revoke: async (id) => void dataOf(await api.DELETE("/v1/api-keys/{id}", { params: { path: { id } } })),
    },
    audit: async ({ from, to, after } = {}) =>
      dataOf(
        await api.GET("/v1/audit", {
          params: {
            query: {
              limit: 500,
              ...(after !== undefined && { cursor: after }),
              ...(from && { from: from.toISOString() }),
              ...(to && { to: to.toISOString() }),
            },
          },
        }),
      ),
    connection: async (id) => dataOf(await api.GET("/v1/connections/{id}", { params: { path: { id } } })),
    connectSession: async (body) => dataOf(await api.POST("/v1/connect-sessions", { body, params: keyed() })),
    disconnect: async (id) => dataOf(await api.POST("/v1/connections/{id}/disconnect", { params: { path: { id } } })),
    setWebhookSecrets: async (id, secrets) =>
      void dataOf(await api.PUT("/v1/connections/{id}/webhook-secrets", { params: { path: { id } }, body: { secrets: [...secrets] } })),
    notices: () => pages(async (cursor) => dataOf(await api.GET("/v1/notices", { params: { query: { limit, ...cursor } } }))),
    health: async () => dataOf(await api.GET("/v1/health")),
    figures: async () => dataOf(await api.GET("/v1/figures")),
    measures: async ({ from, to, ...query } = {}) =>
      dataOf(
        await api.GET("/v1/measures", {
          params: { query: { ...query, ...(from && { from: from.toISOString() }), ...(to && { to: to.toISOString() }) } },
        }),
      ),
    limits: async (connection) => dataOf(await api.GET("/v1/limits", { params: { query: { connection } } })),
    ...syncCalls(api),
    ...unifiedCalls(api),
    ...reconcileCalls(api),
    ...identityCalls(api),
    ...twoWayCalls(api),
    providers: async () => dataOf(await api.GET("/v1/providers")).items,
    installation: async () => dataOf(await api.GET("/v1/installation")),
    backlog: async (tenant) =>
      dataOf(await api.GET("/v1/backlog", { params: { query: { ...(tenant !== undefined && { tenant }), limit } } })).items,
    pauses: async () => dataOf(await api.GET("/v1/pauses")).items,
    pause: async (order) => void dataOf(await api.POST("/v1/pauses", { body: { ...order } })),
    resume: async (order) => dataOf(await api.POST("/v1/pauses/resume", { body: { ...order } })).count > 0,
    weights: async () => dataOf(await api.GET("/v1/weights")),
    setWeight: async (of, weight) => dataOf(await api.PUT("/v1/weights", { body: { ...of, weight } })),
    proxy: async (connection, call) => {
      const request = toProxyRequest(url.replace(/\/+$/, ""), token, connection, call);
      try {
        return await fetch(request);
      } catch (error) {
        if (call.signal?.aborted === true) throw error;
        throw new BelayError("API_UNREACHABLE", `${request.method} ${request.url}: ${reasonOf(error)}`, { retry: "backoff", cause: error });
      }
    },
  };
}

/** Jitter needs no good random numbers, but ones that differ between processes. */
function defaultRandom(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
