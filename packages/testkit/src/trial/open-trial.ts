import { validate } from "@belay/sdk";
import type { Flow } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, createMemoryLastKnown, runInOperation, systemClock } from "@belay/sdk/http";
import { secretsOf } from "../simulation/overlay-connections.ts";
import { drawCredential } from "../simulation/simulated-connections.ts";
import { history, inProcessNetwork, seededRandom, seedFor, simulate } from "../simulator/index.ts";
import type { ProviderHistory, Simulator, SimulatorOptions } from "../simulator/index.ts";
import { createSteps } from "./steps.ts";
import type { StepResults } from "./steps.ts";

/** How one event is run. */
export interface TrialRun {
  /** Which of the flow's events it is. Default: the flow's only one. */
  readonly type?: string;
  /**
   * The event's identity. Running the same key again is another attempt at the same event: steps that have finished are not run again, and
   * writes carry the same idempotency keys. Default: a new one each time.
   */
  readonly key?: string;
}

export interface TrialOptions extends Omit<SimulatorOptions, "accounts" | "listen" | "port" | "control"> {
  /** For whom the flow runs, and the name of the account at the simulated target. Default `acme`. */
  readonly tenant?: string;
  /** Values for the placeholders in the target's base URL. Default: none; the simulator has an address of its own. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** One flow and the simulator of the provider it writes to. */
export interface Trial extends AsyncDisposable {
  /**
   * Runs the flow once on an event, as a worker does: the payload is validated by the event's schema, steps are remembered, writes are keyed.
   *
   * @throws TypeError when the event does not fit its schema or `type` is none of the flow's; and whatever the flow throws.
   */
  run(event: unknown, how?: TrialRun): Promise<void>;
  /** The target: its records, faults to add, what was asked of it. */
  readonly target: Simulator;
  /** What the flow did at the target until now. */
  history(): ProviderHistory;
}

/**
 * Opens a trial of a flow: `await using trial = await openTrial(flow)`. Fast enough for a unit test: no socket, no thread, no database. What only shows
 * with those, such as order across events, is what `simulateConfig` and `startBelay` are for.
 *
 * @throws TypeError when an option does not fit the target.
 */
export async function openTrial(flow: Flow, options: TrialOptions = {}): Promise<Trial> {
  const { tenant = "acme", settings, seed = 1, ...simulatorOptions } = options;
  const credential = secretsOf(drawCredential(flow.to.auth, tenant, seededRandom(seedFor(seed, "trial"))));
  const target = await simulate(flow.to, { ...simulatorOptions, seed, accounts: { [tenant]: credential }, listen: false });
  const connection = {
    id: `${tenant}-${flow.to.id}`,
    tenant,
    connector: flow.to.id,
    baseUrl: target.url(tenant),
    credential,
    ...(settings && { settings }),
  };
  const ports = {
    clock: systemClock,
    random: seededRandom(seed),
    network: inProcessNetwork([target]),
    breaker: createMemoryBreaker(),
    budget: createMemoryBudget(),
    lastKnown: createMemoryLastKnown(systemClock),
  };
  const client = createClient(flow.to, connection, ports);
  const attempts = new Map<string, { attempt: number; readonly results: StepResults }>();
  let events = 0;
  return {
    target,
    history: () => history(target),
    async run(payload, { type, key = `event-${(events += 1)}` } = {}) {
      const reference = referenceOf(flow, type);
      const event = await readEvent(reference, payload);
      const known = attempts.get(key) ?? { attempt: 0, results: new Map<string, string>() };
      known.attempt += 1;
      attempts.set(key, known);
      const { signal } = new AbortController();
      const inOperation = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
        runInOperation(
          {
            key: `${tenant}/${flow.id}/${key}/${name}`,
            suspect: known.attempt > 1,
            leaseCheck: () => {},
            signal,
            deadlineAt: systemClock.now() + longestRunMs,
          },
          work,
        );
      const step = createSteps(known.results, inOperation);
      // The types of event and target were checked where the flow was defined, and are erased since.
      await inOperation("", () =>
        flow.run({ event, type: reference.type, tenant, attempt: known.attempt, target: client, signal, step } as never),
      );
    },
    [Symbol.asyncDispose]: () => target.close(),
  };
}

const longestRunMs = 60_000;

function referenceOf(flow: Flow, type: string | undefined): Flow["on"][number] {
  const types = flow.on.map((reference) => reference.type);
  const reference = type === undefined && flow.on.length === 1 ? flow.on[0] : flow.on.find((candidate) => candidate.type === type);
  if (reference === undefined) throw new TypeError(`Flow "${flow.id}" listens to ${types.join(", ")}: name one of them as type.`);
  return reference;
}

async function readEvent(reference: Flow["on"][number], payload: unknown): Promise<unknown> {
  const validation = await validate(reference.schema, payload);
  if ("value" in validation) return validation.value;
  const issues = validation.issues.map(({ path, message }) => `${path === "" ? "event" : path}: ${message}`).join("; ");
  throw new TypeError(`The event does not fit the schema of ${reference.type}: ${issues}`);
}
