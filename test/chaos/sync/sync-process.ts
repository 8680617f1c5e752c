import type { Config, Sync } from "@belay/sdk";
import { createMemoryBreaker, createMemoryBudget } from "@belay/sdk/http";
import { buildCatalog, CatalogInForce } from "../../../packages/server/src/catalog/index.ts";
import { ThreadPool } from "../../../packages/server/src/flow/index.ts";
import type { LeaseTimes } from "../../../packages/server/src/flow/lease-times.ts";
import { PendingPages } from "../../../packages/server/src/flow/pending-pages.ts";
import type { RunEnd, RunRequest } from "../../../packages/server/src/flow/protocol.ts";
import { relayPage } from "../../../packages/server/src/flow/relay-page.ts";
import { FlowRunner } from "../../../packages/server/src/flow/run-flow.ts";
import type { RunNeeds } from "../../../packages/server/src/flow/run-needs.ts";
import type { PoolThread } from "../../../packages/server/src/flow/thread-pool.ts";
import { defaultRetryPolicy, Dispatcher, type Message, recordSteps } from "../../../packages/server/src/mailbox/index.ts";
import { readNotice } from "../../../packages/server/src/mailbox/store.ts";
import { openWalkDesk, type OpenWalk, startSyncScheduler, type SyncScheduler } from "../../../packages/server/src/syncs/index.ts";
import { Counters, type Logger } from "../../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../../packages/server/src/vault/index.ts";
import { testMasterKey } from "../../setup/vault.ts";
import { pipelineClock, serverClock } from "../kernel/clocks.ts";
import { noteLogger, type ProcessPorts } from "../kernel/kernel-process.ts";
import type { WorldProcess } from "../kernel/world.ts";
import { syncId } from "./steps.ts";

const leaseMs = 15_000;
/** An idle worker looks rarely: between processes nobody rings here, and each look costs a statement. */
const pollMs = 6_000;
const runTimeoutMs = 60_000;

export interface SyncProcessParts extends ProcessPorts {
  readonly config: Config;
}

/** One process of Belay that syncs, composed as `start-worker.ts` composes it, of the product's own parts. What is missing: the threads around walks. */
export class SyncProcess implements WorldProcess {
  /** The one that is kept. */
  readonly sync: Sync | undefined;
  readonly #dispatcher: Dispatcher;
  readonly #scheduler: SyncScheduler;

  constructor(parts: SyncProcessParts) {
    const { owner, time, db, nowMs, random, config } = parts;
    const clock = serverClock(time, owner, nowMs);
    const logger = noteLogger(parts.note);
    const cipher = openVault({ db, provider: parseMasterKeys(testMasterKey), clock });
    const counters = new Counters();
    const catalog = new CatalogInForce(buildCatalog(config));
    let committed: Dispatcher["committed"] = () => {};
    const runner = new ThreadPool({
      configUrl: "in this process",
      clock,
      random,
      logger,
      counters,
      retry: defaultRetryPolicy,
      recordStep: recordSteps(db, cipher),
      runTimeoutMs,
      walks: openWalkDesk({ db, cipher, clock, logger, catalog, onCommitted: (mailboxes) => committed(mailboxes) }),
      createThread: (leaseTimes) => new SameThread(parts, leaseTimes, logger),
    });
    this.sync = catalog.syncs.get(syncId);
    this.#dispatcher = new Dispatcher({ db, cipher, runner, clock, logger, counters, options: { leaseMs, pollMs } });
    committed = (mailboxes) => this.#dispatcher.committed(mailboxes);
    this.#dispatcher.start();
    this.#scheduler = startSyncScheduler({
      db,
      cipher,
      clock,
      logger,
      catalog,
      url: undefined,
      onBegun: (mailboxes) => committed(mailboxes),
    });
  }

  wake(notice?: string): void {
    this.#dispatcher.wake(notice === undefined ? undefined : readNotice(notice));
    this.#scheduler.ring();
  }

  async stop(): Promise<void> {
    await this.#scheduler.close();
    await this.#dispatcher.stop(3_000);
  }
}

/** What `thread.ts` is inside a worker thread, without the thread; pages cross over as copies, as they do between threads. */
class SameThread implements PoolThread {
  readonly #parts: SyncProcessParts;
  readonly #runner: FlowRunner;
  readonly #walks = new Map<number, OpenWalk>();

  constructor(parts: SyncProcessParts, leaseTimes: LeaseTimes, logger: Logger) {
    this.#parts = parts;
    const { time, owner, nowMs, random, network } = parts;
    const pages = new PendingPages((read) =>
      relayPage(this.#walks.get(read.run), structuredClone(read), logger, (taken) => pages.answer(structuredClone(taken))),
    );
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
      recordStep: () => Promise.reject(new Error("A walk has no steps.")),
      keepPage: (run, page) => pages.keep(run, page),
      runTimeoutMs,
    });
  }

  async start(): Promise<void> {}

  async run(request: RunRequest, message: Message, _needs?: RunNeeds, walk?: OpenWalk): Promise<RunEnd> {
    const { note } = this.#parts;
    note("walk goes on", { message: message.id, attempt: request.attempt, kind: request.walk?.kind, cursor: request.walk?.cursor });
    if (walk !== undefined) this.#walks.set(request.run, walk);
    const end = await this.#runner.run(request);
    this.#walks.delete(request.run);
    note("walk rests", { message: message.id, end });
    return end;
  }

  abort(run: number): void {
    this.#runner.abort(run);
  }

  async close(): Promise<void> {}
}
