import type { Config } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget, type Network } from "@belay/sdk/http";
import { buildCatalog, type Catalog } from "../../../packages/server/src/catalog/index.ts";
import type { Db } from "../../../packages/server/src/db/index.ts";
import { ThreadPool } from "../../../packages/server/src/flow/index.ts";
import type { LeaseTimes } from "../../../packages/server/src/flow/lease-times.ts";
import type { RunEnd, RunRequest } from "../../../packages/server/src/flow/protocol.ts";
import { FlowRunner } from "../../../packages/server/src/flow/run-flow.ts";
import type { PoolThread } from "../../../packages/server/src/flow/thread-pool.ts";
import { beginTrace, GroupCommit } from "../../../packages/server/src/ingress/index.ts";
import { interpretEvent } from "../../../packages/server/src/ingress/interpret-event.ts";
import { defaultRetryPolicy, Dispatcher, type Message, recordSteps, type StepRecord } from "../../../packages/server/src/mailbox/index.ts";
import { readNotice } from "../../../packages/server/src/mailbox/store.ts";
import { Counters, type Logger } from "../../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../../packages/server/src/vault/index.ts";
import { testMasterKey } from "../../setup/vault.ts";
import { pipelineClock, serverClock } from "./clocks.ts";
import { endpointOf, signEvent, type SourceEvent } from "./source-events.ts";
import type { Owner, VirtualTime } from "./virtual-time.ts";

const leaseMs = 15_000;
/** An idle worker looks rarely: between processes nobody rings here, and each look costs a statement. */
const pollMs = 6_000;
const runTimeoutMs = 60_000;

/** What a process of Belay is given by its world: its ways out of itself, its clock and its chances. */
export interface ProcessPorts {
  readonly owner: Owner;
  readonly time: VirtualTime;
  readonly db: Db;
  readonly network: Network;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** Told of everything the product logs, and how runs begin and end. */
  readonly note: (what: string, facts: unknown) => void;
}

export interface ProcessParts extends ProcessPorts {
  readonly config: Config;
  readonly onRunEnd: (message: Message, end: RunEnd) => void;
}

/**
 * One process of Belay, composed as `main.ts` composes it, of the product's own parts. What is missing: sockets in front of the ingress, pg-boss, and the
 * threads around flows.
 */
export class KernelProcess {
  readonly #parts: ProcessParts;
  readonly #catalog: Catalog;
  readonly #commit: GroupCommit;
  readonly #dispatcher: Dispatcher;
  readonly #counters = new Counters();

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    const { owner, time, db, nowMs, random } = parts;
    const clock = serverClock(time, owner, nowMs);
    const logger = noteLogger(parts.note);
    this.#catalog = buildCatalog(parts.config);
    const cipher = openVault({ db, provider: parseMasterKeys(testMasterKey), clock });
    const recordStep = recordSteps(db, cipher);
    const runner = new ThreadPool({
      configUrl: "in this process",
      clock,
      random,
      logger,
      counters: this.#counters,
      retry: defaultRetryPolicy,
      recordStep,
      runTimeoutMs,
      createThread: (leaseTimes) => new SameThread(parts, leaseTimes, recordStep),
    });
    this.#dispatcher = new Dispatcher({ db, cipher, runner, clock, logger, counters: this.#counters, options: { leaseMs, pollMs } });
    const onCommit: Dispatcher["committed"] = (mailboxes) => this.#dispatcher.committed(mailboxes);
    this.#commit = new GroupCommit(db, cipher, logger, { notify: false, onCommit });
    this.#dispatcher.start();
  }

  /** Takes a delivery in as the ingress route does. @returns what it answers. */
  async receive(event: SourceEvent, signedAtMs: number): Promise<string> {
    const endpoint = this.#catalog.endpoints.get(endpointOf(event.source, event.tenant));
    if (endpoint === undefined) return "unknown endpoint";
    const trace = beginTrace({ random: this.#parts.random, sampleShare: 0 }, undefined, this.#parts.nowMs(), false);
    const received = { headers: signEvent(event, signedAtMs), body: Buffer.from(event.body), trace };
    const interpretation = await interpretEvent(endpoint, received, new Date(this.#parts.nowMs()));
    if (interpretation.kind !== "believed") return interpretation.kind === "rejected" ? `rejected: ${interpretation.reason}` : "ignored";
    try {
      const outcome = await this.#commit.submit(endpoint.connection.id, interpretation.event);
      return outcome === "accepted" && interpretation.event.messages.length === 0 ? "quarantined" : outcome;
    } catch (error) {
      return `unavailable: ${error instanceof Error ? error.message : ""}`;
    }
  }

  /** Another process has committed work, or somebody replayed dead letters. */
  wake(notice?: string): void {
    this.#dispatcher.wake(notice === undefined ? undefined : readNotice(notice));
  }

  async stop(): Promise<void> {
    await this.#dispatcher.stop(3_000);
  }
}

/** What `thread.ts` is inside a worker thread, without the thread. */
class SameThread implements PoolThread {
  readonly #parts: ProcessParts;
  readonly #runner: FlowRunner;
  readonly #messages = new Map<number, Message>();

  constructor(parts: ProcessParts, leaseTimes: LeaseTimes, recordStep: (record: StepRecord) => Promise<void>) {
    this.#parts = parts;
    const { time, owner, nowMs, random, network } = parts;
    this.#runner = new FlowRunner({
      enter: (_run, code) => code(),
      config: parts.config,
      ports: {
        clock: pipelineClock(time, owner, nowMs),
        random,
        network,
        breaker: createMemoryBreaker(),
        budget: createMemoryBudget(),
      },
      leaseHolds: (slot, now) => leaseTimes.holds(slot, now),
      recordStep: async (run, step) => {
        const message = this.#messages.get(run);
        if (message === undefined) throw new Error("The run has ended.");
        await recordStep({ tenant: message.tenant, mailbox: message.mailbox, message: message.id, ...step });
      },
      runTimeoutMs,
    });
  }

  async start(): Promise<void> {}

  async run(request: RunRequest, message: Message): Promise<RunEnd> {
    const { note, onRunEnd } = this.#parts;
    note("run begins", { message: message.id, attempt: request.attempt, suspect: request.suspect, steps: request.steps });
    this.#messages.set(request.run, message);
    const end = await this.#runner.run(request);
    this.#messages.delete(request.run);
    note("run ends", { message: message.id, end });
    onRunEnd(message, end);
    return end;
  }

  abort(run: number): void {
    this.#runner.abort(run);
  }

  async close(): Promise<void> {}
}

/** Notes what the product says in its log that is worth a look. */
export function noteLogger(note: ProcessPorts["note"]): Logger {
  const log = (facts: object, message: string): void => {
    const error: unknown = "error" in facts ? facts.error : undefined;
    note(`log: ${message}`, error instanceof Error ? error.message : "");
  };
  return { debug: () => {}, info: () => {}, warn: log, error: log };
}
