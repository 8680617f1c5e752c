import type { ConnectorDefinition, Limit } from "@belay/sdk";
import { openAccount } from "./account.ts";
import type { Account, DeadAs } from "./account.ts";
import type { FailureAnswers } from "./answer.ts";
import type { Credential } from "./auth.ts";
import { systemClock } from "./clock.ts";
import type { SimulatorClock } from "./clock.ts";
import { withControl } from "./control/index.ts";
import type { FaultRates, FaultRule } from "./faults.ts";
import type { HistoryEntry } from "./history.ts";
import { plantRecords } from "./generate/plant-records.ts";
import type { RecordCounts } from "./generate/plant-records.ts";
import { inProcessFetch } from "./in-process.ts";
import type { ListingHabits } from "./listing-habits.ts";
import type { TokenBook } from "./oauth/tokens.ts";
import type { ProposedWrite } from "./provider.ts";
import { seedFor } from "./random.ts";
import { modelResources } from "./resource-model.ts";
import type { ResourceSettings } from "./resource-model.ts";
import { serveHttp } from "./serve-http.ts";
import type { Place, ResourceStore, StoredRecord, Write } from "./store.ts";
import { openWebhooks } from "./webhooks/index.ts";
import type { DeliveryRates, SimulatedWebhooks, WebhookAttempt, WebhookDelivery, WebhookEndpoint } from "./webhooks/index.ts";
import type { Exchange } from "./wire.ts";

export interface SimulatorOptions {
  /** The accounts at the provider by the name in their base URL, each with the credential it accepts. */
  readonly accounts: Readonly<Record<string, Credential>>;
  /** What the connector's definition does not say, by resource. */
  readonly resources?: Readonly<Record<string, ResourceSettings>>;
  /** The limits that are enforced on each account. Default: those that the connector declares. */
  readonly limits?: readonly Limit[];
  /** Error answers in the provider's own words. Default: JSON that the connector's error table knows. */
  readonly failures?: FailureAnswers;
  /**
   * How many records each account has at the start, made up from the schemas by the seed: `{ contact: 500 }`. They are in no history and
   * cause no events. Default: none.
   */
  readonly records?: RecordCounts;
  /** Faults of all accounts: rates to draw them by, or rules that name the requests they hit. `setFaults`, `addFault`. Default: none. */
  readonly faults?: FaultRates | readonly FaultRule[];
  /** Bad habits of the listings; `setListing` changes them. Default: none. */
  readonly listing?: ListingHabits;
  /** Decides which requests are hit by faults, in the order in which an account gets them. Default 1. */
  readonly seed?: number;
  /** Default: any free port. */
  readonly port?: number;
  /**
   * `false`: no socket is opened; the simulator is reached by `exchange`, `fetch` and `inProcessNetwork` at `http://<connector>.simulated`.
   * Default true.
   */
  readonly listen?: boolean;
  readonly clock?: SimulatorClock;
  /** Where the accounts' webhooks go, how badly they travel, and who is told of each attempt. Default: nowhere, well, nobody. */
  readonly webhooks?: {
    readonly endpoints?: Readonly<Record<string, WebhookEndpoint>>;
    readonly faults?: DeliveryRates;
    readonly onAttempt?: (delivery: WebhookDelivery, attempt: WebhookAttempt) => void;
    /** What carries them. Default: the machine's fetch. */
    readonly fetch?: typeof globalThis.fetch;
  };
  /** Told of every request when it has been answered. */
  readonly onRequest?: (entry: HistoryEntry) => void;
  /** Serves `/_simulator` beside the accounts, where faults and webhooks are asked for over HTTP. Default false. */
  readonly control?: boolean;
}

/** A running simulator of a provider. */
export interface Simulator extends AsyncDisposable {
  /** `http://127.0.0.1:4321`, or `http://<connector>.simulated` where it does not listen. */
  readonly origin: string;
  /** Their names. */
  readonly accounts: readonly string[];
  /** The base URL of an account: `http://127.0.0.1:4321/acme`, to be used as a connection's `baseUrl`. */
  url(account: string): string;
  /** Serves a request without a socket, in microtasks and what the clock makes it wait. */
  readonly exchange: Exchange;
  /** `exchange` in the shape of the global `fetch`; requests to any origin end here. */
  readonly fetch: typeof fetch;
  /** The names of the connector's resources. */
  readonly resources: readonly string[];
  /** The records of a resource that are there now, oldest first within an account and place. */
  records(resource: string, account?: string): readonly StoredRecord[];
  /** Every committed write to a resource, in the order of commit. */
  writes(resource: string, account?: string): readonly Write[];
  /** Answers per status, and `dropped` for connections that ended without an answer. */
  requests(account?: string): Readonly<Record<string, number>>;
  /** Every request in the order in which they came, with what befell it, what it committed and what was answered. */
  history(account?: string): readonly HistoryEntry[];
  /** Replaces the listings' habits. */
  setListing(habits: ListingHabits, account?: string): void;
  /** Replaces the fault rates. */
  setFaults(rates: FaultRates, account?: string): void;
  /** Adds a rule; it counts from now. */
  addFault(rule: FaultRule): void;
  /** Takes the provider down `fromMs` from now, for `forMs`. Default: it answers 503. */
  dead(fromMs: number, forMs: number, options?: { readonly account?: string; readonly as?: DeadAs }): void;
  /** Refuses, for ever, the writes for which `refuses` is true. */
  refuse(refuses: (write: ProposedWrite) => boolean, account?: string): void;
  /**
   * The tokens of an account of `oauth2`: gives out, revokes and judges them as its owner would at the provider.
   *
   * @throws TypeError when the connector's auth is another one.
   */
  tokens(account: string): TokenBook;
  /** The webhooks it sends. */
  readonly webhooks: SimulatedWebhooks;
  /** Drops all connections and frees the port. Calling it twice is safe. */
  close(): Promise<void>;
}

/**
 * Runs a connector backwards: a provider, on loopback or in process, that behaves as the connector declares – routes, authentication,
 * idempotency keys, limits, look-up lag – and keeps what it is told, with the history of every record. State is in memory and
 * apart per account. An update merges the fields it is given.
 *
 * Without an `account`, the simulator's methods speak of all of them.
 *
 * @throws TypeError when an option does not fit the connector.
 */
export async function simulate(connector: ConnectorDefinition, options: SimulatorOptions): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  const models = await modelResources(connector, options.resources ?? {});
  let sequence = 0;
  const nextSequence = (): number => (sequence += 1);
  let requestCount = 0;
  const nextRequest = (): number => (requestCount += 1);
  const webhooks = openWebhooks({
    connector,
    accounts: Object.keys(options.accounts),
    seed: options.seed ?? 1,
    clock,
    fetch: options.webhooks?.fetch ?? globalThis.fetch,
    rates: options.webhooks?.faults ?? {},
    keeper: {
      create: (account, resource, place, fields) => storeOf(account, resource, place).create(fields, undefined, clock.now()),
      update: (record, fields) => storeOf(record.account, record.resource, record.place).update(record, fields, undefined, clock.now()),
      delete: (record) => storeOf(record.account, record.resource, record.place).delete(record, undefined, clock.now()),
    },
    onAttempt: options.webhooks?.onAttempt ?? (() => {}),
  });
  for (const [account, endpoint] of Object.entries(options.webhooks?.endpoints ?? {})) webhooks.subscribe(account, endpoint);
  const accounts = new Map(
    Object.entries(options.accounts).map(([id, credential]) => {
      const limits = options.limits ?? connector.limits ?? [];
      return [
        id,
        openAccount({
          id,
          connector,
          models,
          credential,
          limits,
          failures: options.failures ?? {},
          faults: options.faults ?? {},
          listing: options.listing ?? {},
          seed: seedFor(options.seed ?? 1, `${connector.id}/${id}`),
          clock,
          nextSequence,
          nextRequest,
          onWrite: webhooks.tell,
          ...(options.onRequest && { onRequest: options.onRequest }),
        }),
      ];
    }),
  );

  if (options.records !== undefined) {
    for (const [id, { stores }] of accounts) {
      const seed = seedFor(options.seed ?? 1, `${connector.id}/${id}`);
      await plantRecords({ account: id, models, stores, seed, now: clock.now() }, options.records);
    }
  }

  const chosen = (id: string | undefined): readonly Account[] => {
    if (id === undefined) return [...accounts.values()];
    const account = accounts.get(id);
    if (account === undefined) throw new TypeError(`The simulator of "${connector.id}" has no account "${id}".`);
    return [account];
  };
  const storeOf = (account: string, resource: string, place: Place): ResourceStore => {
    const [model, [owner]] = [models.get(resource), chosen(account)];
    if (model === undefined || owner === undefined) throw new TypeError(`Connector "${connector.id}" has no resource "${resource}".`);
    return owner.stores.of(model, place);
  };
  const known = (resource: string): string => {
    if (!models.has(resource)) throw new TypeError(`Connector "${connector.id}" has no resource "${resource}".`);
    return resource;
  };

  const exchange = exchangeWith(accounts);
  const running: { simulator?: Simulator } = {};
  const served = options.control === true ? withControl(exchange, () => running.simulator) : exchange;
  const front = options.listen === false ? undefined : await serveHttp(served, options.port ?? 0);
  const origin = front?.origin ?? `http://${connector.id}.simulated`;
  const close = async (): Promise<void> => {
    await webhooks.close();
    await front?.close();
  };

  const simulator: Simulator = {
    accounts: [...accounts.keys()],
    origin,
    url: (id) => (chosen(id), `${origin}/${id}`),
    exchange: served,
    fetch: inProcessFetch({ exchange: served }),
    resources: [...models.keys()],
    records: (resource, id) => chosen(id).flatMap((account) => account.stores.records(known(resource))),
    writes: (resource, id) =>
      chosen(id)
        .flatMap((account) => account.stores.writes(known(resource)))
        .toSorted((a, b) => a.sequence - b.sequence),
    requests: (id) => sum(chosen(id).map((account) => account.requests)),
    history: (id) =>
      chosen(id)
        .flatMap((account) => account.history)
        .toSorted((a, b) => a.sequence - b.sequence),
    addFault: (rule) => chosen(rule.account).forEach((account) => account.addFault(rule)),
    setListing: (habits, id) => chosen(id).forEach((account) => account.setListing(habits)),
    setFaults: (rates, id) => chosen(id).forEach((account) => account.setFaults(rates)),
    dead(fromMs, forMs, { account, as = "unavailable" } = {}) {
      const start = clock.now() + fromMs;
      for (const one of chosen(account)) one.addDeadPeriod({ fromMs: start, untilMs: start + forMs, as });
    },
    refuse: (refuses, id) => chosen(id).forEach((account) => account.addRefusal(refuses)),
    tokens(id) {
      const [tokens] = chosen(id).map((account) => account.tokens);
      if (tokens === undefined) throw new TypeError(`Connector "${connector.id}" has no tokens: its auth is "${connector.auth.kind}".`);
      return tokens;
    },
    webhooks,
    close,
    [Symbol.asyncDispose]: close,
  };
  running.simulator = simulator;
  return simulator;
}

function sum(counters: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const counter of counters) {
    for (const [label, count] of Object.entries(counter)) total[label] = (total[label] ?? 0) + count;
  }
  return total;
}

/** Finds the account that a request is for. What is for none is answered by nobody's rules. */
function exchangeWith(accounts: ReadonlyMap<string, Account>): Exchange {
  return async ({ method, origin, path, headers, body, bytes }, clientGone) => {
    const url = new URL(path, origin);
    const [, id = ""] = url.pathname.split("/");
    const account = accounts.get(id);
    if (account === undefined) {
      const text = JSON.stringify({ error: "UnknownAccount", description: "The simulator has no such account." });
      return { kind: "answer", answer: { status: 404, headers: { "content-type": "application/json" }, body: text } };
    }
    const pathname = url.pathname.slice(id.length + 1);
    return account.serve(
      { method, base: `${origin}/${id}`, pathname, query: url.searchParams, headers, body, ...(bytes && { bytes }) },
      clientGone,
    );
  };
}
