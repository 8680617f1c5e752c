import {
  type AnyConnector,
  BelayError,
  type Config,
  type Connection,
  type Flow,
  isBelayError,
  type OpenedListing,
  type Sync,
  type TwoWay,
} from "@belay/sdk";
import { after, type Attempt, type ClientPorts, createClient, openPageReader } from "@belay/sdk/http";
import { furtherConnections } from "../catalog/index.ts";
import type { ConnectionUpdate, FinishedStep, RunEnd, RunRequest } from "./protocol.ts";
import { openSideCalls } from "./open-side-calls.ts";
import type { PageAnswer, WalkPage, WalkRequest } from "../syncs/index.ts";
import type { WriteAnswer, WriteReport, WriteRequest } from "../two-way/index.ts";
import { redactEnd } from "./redact-end.ts";
import { runMessage } from "./run-message.ts";
import { runWalk } from "./run-walk.ts";
import { runWrite } from "./run-write.ts";
import { RunWatch } from "./run-report.ts";
import { type AskRenewed, ThreadConnections } from "./thread-connections.ts";

export interface FlowRunnerParts {
  readonly config: Config;
  /** What the clients of all connections share. */
  readonly ports: ClientPorts;
  /** Whether the lease in this slot holds at this time. */
  readonly leaseHolds: (slot: number, nowMs: number) => boolean;
  /** Resolves when the result is on disk. */
  readonly recordStep: (run: number, step: FinishedStep) => Promise<void>;
  /** Resolves when the page of a walk is on disk. Default: there are no walks. */
  readonly keepPage?: (run: number, page: WalkPage) => Promise<PageAnswer>;
  /** Resolves when what became of a thing is on disk. Default: nothing is merged. */
  readonly report?: (run: number, report: WriteReport) => Promise<WriteAnswer>;
  /** Calls the code of a run, and notes that it is in it. */
  readonly enter: <T>(run: number, code: () => T) => T;
  /** Longest run of one message, ms. */
  readonly runTimeoutMs: number;
  /** Told of every attempt of a call after it ended. Must be quick. */
  readonly onAttempt?: (tenant: string, flow: string, attempt: Attempt) => void;
  /** Asks for another credential. Default: those of the configuration stay. */
  readonly askRenewed?: AskRenewed;
}

/** Runs flows of one configuration; one per thread, because the connections' breakers and budgets live in its ports. */
export class FlowRunner {
  readonly #parts: FlowRunnerParts;
  readonly #connections: ThreadConnections;
  readonly #flows: ReadonlyMap<string, Flow>;
  readonly #syncs: ReadonlyMap<string, Sync>;
  readonly #twoWays: ReadonlyMap<string, TwoWay>;
  readonly #clients = new Map<string, unknown>();
  readonly #aborts = new Map<number, AbortController>();

  constructor(parts: FlowRunnerParts) {
    this.#parts = parts;
    this.#connections = new ThreadConnections(parts.config.connections, parts.askRenewed);
    this.#flows = new Map([...parts.config.flows, ...(parts.config.batches ?? []).map(({ flow }) => flow)].map((flow) => [flow.id, flow]));
    this.#syncs = new Map((parts.config.syncs ?? []).map((sync) => [sync.id, sync]));
    this.#twoWays = new Map((parts.config.twoWays ?? []).map((twoWay) => [twoWay.id, twoWay]));
  }

  /** Takes in what the main thread says of connections. What runs goes on with what it has; a credential counts from its next attempt on. */
  learn(updates: readonly ConnectionUpdate[]): void {
    for (const id of this.#connections.learn(updates)) this.#clients.delete(id);
  }

  /** Never rejects: however it ends is the answer. */
  async run(request: RunRequest): Promise<RunEnd> {
    try {
      return redactEnd(await this.#run(request), this.#connections.ofTenant(request.tenant));
    } catch (error) {
      // A connection that cannot be used, most often: its settings do not fit its connector.
      const code = isBelayError(error) ? error.code : "FLOW_UNKNOWN";
      const text = error instanceof Error ? error.message : String(error);
      return { run: request.run, kind: "failed", code, error: text, retry: "backoff", waits: false, stepped: false };
    }
  }

  /** The run's lease is gone: it ends as suspended. */
  abort(run: number): void {
    this.#aborts.get(run)?.abort(leaseLost());
  }

  async #run(request: RunRequest): Promise<RunEnd> {
    const { ports, leaseHolds, recordStep, enter, runTimeoutMs } = this.#parts;
    const target = this.#connections.get(request.target);
    const flow = target && this.#flowOf(request, target);
    if (flow === undefined || target === undefined) {
      const error = `Flow "${request.flow}" or connection "${request.target}" is not in the configuration.`;
      return { run: request.run, kind: "failed", code: "FLOW_UNKNOWN", error, retry: { afterMs: 60_000 }, waits: false, stepped: false };
    }
    const further = this.#furtherOf(request, flow);
    if (further === undefined) {
      const error = `Tenant "${request.tenant}" has no longer all connections that flow "${request.flow}" uses.`;
      return { run: request.run, kind: "failed", code: "FLOW_UNKNOWN", error, retry: { afterMs: 60_000 }, waits: false, stepped: false };
    }
    const connections = Object.fromEntries(
      Object.entries(further).map(([name, id]) => {
        const resource = flow.lists?.[name];
        return [name, resource === undefined ? this.#clientOf(id) : this.#listingOf(id, resource)];
      }),
    );
    const watch = new RunWatch(request.trace, () => ports.clock.now(), ports.random);
    const abort = new AbortController();
    this.#aborts.set(request.run, abort);
    const callOff = after(ports.clock, runTimeoutMs, () =>
      abort.abort(new BelayError("FLOW_TIMED_OUT", `The run took longer than ${runTimeoutMs} ms.`, { retry: "backoff" })),
    );
    const aborted = new Promise<void>((resolve) => abort.signal.addEventListener("abort", () => resolve(), { once: true }));
    try {
      const running = runMessage(request, {
        flow,
        target,
        client: request.walk === undefined && request.write === undefined ? this.#clientOf(target.id) : undefined,
        connections,
        now: () => ports.clock.now(),
        watch,
        enter: (code) => enter(request.run, code),
        onAttempt: (attempt) => this.#parts.onAttempt?.(request.tenant, flow.id, attempt),
        runTimeoutMs,
        signal: abort.signal,
        leaseCheck: () => {
          if (abort.signal.aborted || !leaseHolds(request.slot, ports.clock.now())) throw leaseLost();
        },
        recordStep: (step) => recordStep(request.run, step),
      });
      // Code that ignores its signal is left behind: the lease check keeps it from writing anything more.
      return await Promise.race([running, aborted.then(() => endOfAborted(request.run, abort.signal, watch))]);
    } finally {
      callOff();
      this.#aborts.delete(request.run);
    }
  }

  /** A walk, or a merge, runs as a flow does: with its lease, its deadline, its budgets and its story. */
  #flowOf(request: RunRequest, target: Connection): Flow | undefined {
    if (request.walk !== undefined) return this.#walkOf(request, request.walk, target);
    if (request.write !== undefined) return this.#writeOf(request, request.write, target);
    return this.#flows.get(request.flow);
  }

  #writeOf(request: RunRequest, write: WriteRequest, connection: Connection): Flow | undefined {
    const { config, ports, report, enter } = this.#parts;
    const twoWay = this.#twoWays.get(request.flow);
    const connector = config.connectors.find(({ id }) => id === connection.connector);
    const sync = twoWay?.[write.side].sync;
    const resource = sync && connector?.resources[sync.source.resource];
    if (twoWay === undefined || sync === undefined || connector === undefined || resource === undefined || report === undefined)
      return undefined;
    const credentials = this.#connections.credentialsOf(connection);
    return {
      id: twoWay.id,
      on: [],
      to: connector,
      run: async ({ step }) => {
        await runWrite(write, {
          twoWay,
          resource,
          tenant: request.tenant,
          connection: connection.id,
          triedForMs: request.suspect ? ports.clock.now() - (request.firstAttemptAtMs ?? 0) : undefined,
          openCalls: (place) => openSideCalls(connector, connection, sync, { ...ports, credentials }, place),
          enter: (code) => enter(request.run, code),
          step,
          isDone: (name) => Object.hasOwn(request.steps, name),
          tell: (told) => report(request.run, told),
        });
      },
    };
  }

  #walkOf(request: RunRequest, walk: WalkRequest, connection: Connection): Flow | undefined {
    const { config, ports, keepPage, enter, runTimeoutMs } = this.#parts;
    const sync = this.#syncs.get(request.flow);
    const connector = config.connectors.find(({ id }) => id === connection.connector);
    const resource = sync && connector?.resources[sync.source.resource];
    if (sync === undefined || connector === undefined || resource === undefined || keepPage === undefined) return undefined;
    const credentials = this.#connections.credentialsOf(connection);
    const run = async (): Promise<void> => {
      await runWalk(walk, {
        sync,
        resource,
        errors: connector.errors ?? [],
        tenant: request.tenant,
        connection: connection.id,
        openReader: (place) =>
          openPageReader(connector, connection, { ...ports, credentials }, { resource: sync.source.resource, ...(place && { place }) }),
        enter: (code) => enter(request.run, code),
        keep: (page) => keepPage(request.run, page),
        now: () => ports.clock.now(),
        turnMs: Math.min(longestTurnMs, runTimeoutMs / 3),
      });
    };
    return { id: sync.id, on: [], to: connector, run };
  }

  #furtherOf({ further, connection, tenant }: RunRequest, flow: Flow): Readonly<Record<string, string>> | undefined {
    if (further !== undefined) return further;
    const found = furtherConnections(this.#connections.ofTenant(tenant), flow, { id: connection, tenant });
    return found && Object.fromEntries(Object.entries(found).map(([name, { id }]) => [name, id]));
  }

  #listingOf(id: string, name: string): OpenedListing {
    const { connection, connector, ports } = this.#reach(id);
    const resource = connector.resources[name];
    if (resource === undefined) throw new BelayError("FLOW_UNKNOWN", `Connector "${connector.id}" has no resource "${name}".`);
    return {
      resource,
      errors: connector.errors ?? [],
      open: (place) => openPageReader(connector, connection, ports, { resource: name, ...(place && { place }) }),
    };
  }

  #reach(id: string): { readonly connection: Connection; readonly connector: AnyConnector; readonly ports: ClientPorts } {
    const { config, ports } = this.#parts;
    const connection = this.#connections.get(id);
    const connector = config.connectors.find((candidate) => candidate.id === connection?.connector);
    if (connection === undefined || connector === undefined) {
      throw new BelayError("FLOW_UNKNOWN", `Connection "${id}" is not in the configuration.`, { retry: { afterMs: 60_000 } });
    }
    return { connection, connector, ports: { ...ports, credentials: this.#connections.credentialsOf(connection) } };
  }

  #clientOf(id: string): unknown {
    const known = this.#clients.get(id);
    if (known !== undefined) return known;
    const { connection, connector, ports } = this.#reach(id);
    const client = createClient(connector, connection, ports);
    this.#clients.set(id, client);
    return client;
  }
}

/** A walk gives its place to others after so long; what it has not read yet stands in line again. */
const longestTurnMs = 20_000;

function leaseLost(): BelayError {
  return new BelayError("LEASE_LOST", "The mailbox is no longer this worker's.", { retry: "backoff" });
}

function endOfAborted(run: number, signal: AbortSignal, watch: RunWatch): RunEnd {
  const reason: unknown = signal.reason;
  if (reason instanceof BelayError && reason.code === "FLOW_TIMED_OUT") {
    return {
      run,
      kind: "failed",
      code: reason.code,
      error: reason.message,
      retry: reason.retry,
      waits: false,
      stepped: true,
      ...watch.report(true),
    };
  }
  return { run, kind: "suspended" };
}
