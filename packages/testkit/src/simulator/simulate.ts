import Fastify from "fastify";
import type { ConnectorDefinition, Limit } from "@belay/sdk";
import { openAccount } from "./account.ts";
import type { Account, DeadAs } from "./account.ts";
import type { FailureAnswers } from "./answer.ts";
import type { Credential } from "./auth.ts";
import { systemClock } from "./clock.ts";
import type { SimulatorClock } from "./clock.ts";
import type { FaultRates } from "./faults.ts";
import type { ProposedWrite } from "./perform.ts";
import { seededRandom, seedFor } from "./random.ts";
import { modelResources } from "./resource-model.ts";
import type { ResourceSettings } from "./resource-model.ts";
import { registerRoutes } from "./routes.ts";
import type { StoredRecord, Write } from "./store.ts";

export interface SimulatorOptions {
  /** The accounts at the provider by the name in their base URL, each with the credential it accepts. */
  readonly accounts: Readonly<Record<string, Credential>>;
  /** What the connector's definition does not say, by resource. */
  readonly resources?: Readonly<Record<string, ResourceSettings>>;
  /** The limits that are enforced on each account. Default: those that the connector declares. */
  readonly limits?: readonly Limit[];
  /** Error answers in the provider's own words. Default: JSON that the connector's error table knows. */
  readonly failures?: FailureAnswers;
  /** Faults of all accounts; `setFaults` changes them. Default: none. */
  readonly faults?: FaultRates;
  /** Decides which requests are hit by faults, in the order in which an account gets them. Default 1. */
  readonly seed?: number;
  /** Default: any free port. */
  readonly port?: number;
  readonly clock?: SimulatorClock;
}

/** A running simulator of a provider. */
export interface Simulator extends AsyncDisposable {
  /** The base URL of an account: `http://127.0.0.1:4321/acme`, to be used as a connection's `baseUrl`. */
  url(account: string): string;
  /** The records of a resource, oldest first within an account. */
  records(resource: string, account?: string): readonly StoredRecord[];
  /** Every committed write to a resource, in the order of commit. */
  writes(resource: string, account?: string): readonly Write[];
  /** Answers per status, and `dropped` for connections that ended without an answer. */
  requests(account?: string): Readonly<Record<string, number>>;
  /** Replaces the fault rates. */
  setFaults(rates: FaultRates, account?: string): void;
  /** Takes the provider down `fromMs` from now, for `forMs`. Default: it answers 503. */
  dead(fromMs: number, forMs: number, options?: { readonly account?: string; readonly as?: DeadAs }): void;
  /** Refuses, for ever, the writes for which `refuses` is true. */
  refuse(refuses: (write: ProposedWrite) => boolean, account?: string): void;
  /** Drops all connections and frees the port. Calling it twice is safe. */
  close(): Promise<void>;
}

/**
 * Runs a connector backwards: a real HTTP server on loopback that behaves as the connector declares – routes, authentication,
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
  const accounts = new Map(
    Object.entries(options.accounts).map(([id, credential]) => {
      const random = seededRandom(seedFor(options.seed ?? 1, `${connector.id}/${id}`));
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
          random,
          clock,
          nextSequence,
        }),
      ];
    }),
  );

  const chosen = (id: string | undefined): readonly Account[] => {
    if (id === undefined) return [...accounts.values()];
    const account = accounts.get(id);
    if (account === undefined) throw new TypeError(`The simulator of "${connector.id}" has no account "${id}".`);
    return [account];
  };
  const records = (resource: string, id?: string): readonly StoredRecord[] => {
    if (!models.has(resource)) throw new TypeError(`Connector "${connector.id}" has no resource "${resource}".`);
    return chosen(id).flatMap((account) => account.stores.get(resource)?.all() ?? []);
  };

  const app = Fastify({ forceCloseConnections: true, bodyLimit: 4_194_304 });
  registerRoutes(app, models, accounts);
  const origin = await app.listen({ host: "127.0.0.1", port: options.port ?? 0 });
  const close = async (): Promise<void> => app.close();

  return {
    url: (id) => (chosen(id), `${origin}/${id}`),
    records,
    writes: (resource, id) =>
      records(resource, id)
        .flatMap((record) => record.writes)
        .toSorted((a, b) => a.sequence - b.sequence),
    requests: (id) => sum(chosen(id).map((account) => account.requests)),
    setFaults: (rates, id) => chosen(id).forEach((account) => account.setFaults(rates)),
    dead(fromMs, forMs, { account, as = "unavailable" } = {}) {
      const start = clock.now() + fromMs;
      for (const one of chosen(account)) one.addDeadPeriod({ fromMs: start, untilMs: start + forMs, as });
    },
    refuse: (refuses, id) => chosen(id).forEach((account) => account.addRefusal(refuses)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function sum(counters: readonly Readonly<Record<string, number>>[]): Readonly<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const counter of counters) {
    for (const [label, count] of Object.entries(counter)) total[label] = (total[label] ?? 0) + count;
  }
  return total;
}
