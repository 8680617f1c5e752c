import { BelayError, type Config, type Reproduction, Secret } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget } from "@belay/sdk/http";
import { createReplayNetwork, originOf } from "./replay-network.ts";
import { type Outcome, runAttempt } from "./run-attempt.ts";
import { createSkippedTime, setDate } from "./skipped-time.ts";

export type { Outcome } from "./run-attempt.ts";

/** What came of running a failed attempt again. */
export interface Reproduced {
  /** It failed with the same code in the same step, and made no call that the attempt had not made. */
  readonly alike: boolean;
  /** How the attempt had failed. */
  readonly expected: Outcome;
  readonly outcome: Outcome;
  /** Calls that the attempt had not made: `POST /tickets`. */
  readonly unmatched: readonly string[];
  /** Exchanges of the attempt that nobody asked for. */
  readonly unused: number;
  /** What the file could not hold, in words. */
  readonly incomplete: readonly string[];
}

export interface ReproduceOptions {
  /** A flow that has not ended after this time of the machine's clock counts as timed out, ms. Default 5,000. */
  readonly patienceMs?: number;
}

/**
 * Runs a failed attempt again, offline: the flow and the connectors of `config` as they are now, against what was answered then, at the time of then. In a test:
 * `expect((await reproduce(fixture, config)).outcome.code).toBeNull()` once it is mended.
 *
 * Run one at a time: while it runs, `Date` tells the time of the attempt.
 *
 * @param fixture what `belay reproduce` wrote, parsed.
 * @throws `REPRODUCTION_INVALID` when it is none, or the configuration lacks its flow or a connector.
 */
export async function reproduce(fixture: unknown, config: Config, { patienceMs = 5_000 }: ReproduceOptions = {}): Promise<Reproduced> {
  if (!isReproduction(fixture)) throw invalid("This is no reproduction of format 1, as belay reproduce writes it.");
  const flow = config.flows.find(({ id }) => id === fixture.flow);
  if (flow === undefined) throw invalid(`Flow "${fixture.flow}" is not in the configuration.`);
  if (fixture.failed.code === "FLOW_THREAD_ENDED") throw invalid("The flow had ended its thread: it would end this process too.");
  const time = createSkippedTime(Date.parse(fixture.at));
  const replay = createReplayNetwork(fixture, time);
  const clients = connect(fixture, config, {
    clock: time,
    random: () => 0.5,
    network: replay.network,
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
  });
  const abort = new AbortController();
  const timedOut: Outcome = { code: "FLOW_TIMED_OUT", error: `The run took longer than ${patienceMs} ms.`, step: "" };
  const patience = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => {
    patience.resolve(timedOut);
    abort.abort(new BelayError("FLOW_TIMED_OUT", "The run took too long.", { retry: "backoff" }));
  }, patienceMs);
  using _date = setDate(() => time.now());
  const outcome = await Promise.race([runAttempt(fixture, flow, clients, time, abort.signal), patience.promise]);
  clearTimeout(timer);
  const { code, error, step } = fixture.failed;
  return {
    alike: outcome.code === code && outcome.step === step && replay.unmatched.length === 0,
    expected: { code, error, step },
    outcome,
    unmatched: replay.unmatched,
    unused: replay.unused(),
    incomplete: fixture.incomplete,
  };
}

function connect(
  { connections, tenant }: Reproduction,
  config: Config,
  ports: Parameters<typeof createClient>[2],
): { readonly target: unknown; readonly connections: Readonly<Record<string, unknown>> } {
  const clients = connections.map(({ name, id, connector: connectorId, basePath, credential }, index) => {
    const connector = config.connectors.find((candidate) => candidate.id === connectorId);
    if (connector === undefined) throw invalid(`Connector "${connectorId}" is not in the configuration.`);
    const made = Object.fromEntries(credential.map((field) => [field, new Secret(`made-up-${field}`)]));
    const connection = { id, tenant, connector: connectorId, baseUrl: `${originOf(index)}${basePath}`, credential: made };
    return [name, createClient(connector, connection, ports)] as const;
  });
  const named = Object.fromEntries(clients);
  const { "": target, ...further } = named;
  return { target, connections: further };
}

function isReproduction(value: unknown): value is Reproduction {
  if (typeof value !== "object" || value === null) return false;
  const { format, flow, payload, exchanges, connections, failed, at } = value as Partial<Record<keyof Reproduction, unknown>>;
  return (
    format === 1 &&
    typeof flow === "string" &&
    typeof payload === "string" &&
    Array.isArray(exchanges) &&
    Array.isArray(connections) &&
    typeof failed === "object" &&
    failed !== null &&
    !Number.isNaN(Date.parse(String(at)))
  );
}

function invalid(text: string): BelayError {
  return new BelayError("REPRODUCTION_INVALID", text);
}
