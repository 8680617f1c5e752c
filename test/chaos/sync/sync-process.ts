import type { Config } from "@belay/sdk";
import { seededRandom, seedFor } from "@belay/testkit";
import { createMemoryBreaker, createMemoryBudget } from "@belay/sdk/http";
import { buildCatalog, CatalogInForce } from "../../../packages/server/src/catalog/index.ts";
import { ThreadPool } from "../../../packages/server/src/flow/index.ts";
import type { LeaseTimes } from "../../../packages/server/src/flow/lease-times.ts";
import type { OpenWork } from "../../../packages/server/src/flow/open-work.ts";
import { PendingPages } from "../../../packages/server/src/flow/pending-pages.ts";
import type { RunEnd, RunRequest } from "../../../packages/server/src/flow/protocol.ts";
import { relayPage } from "../../../packages/server/src/flow/relay-page.ts";
import { FlowRunner } from "../../../packages/server/src/flow/run-flow.ts";
import type { RunNeeds } from "../../../packages/server/src/flow/run-needs.ts";
import type { PoolThread } from "../../../packages/server/src/flow/thread-pool.ts";
import { defaultRetryPolicy, Dispatcher, type Message, recordSteps, type StepRecord } from "../../../packages/server/src/mailbox/index.ts";
import { readNotice } from "../../../packages/server/src/mailbox/store.ts";
import type { DrawBytes } from "../../../packages/server/src/records/index.ts";
import { openWalkDesk, startSyncScheduler, type SyncScheduler } from "../../../packages/server/src/syncs/index.ts";
import { type Clock, Counters, type Logger } from "../../../packages/server/src/telemetry/index.ts";
import { awaitAgain, openWriteDesk, startTwoWayPump, type TwoWayPump } from "../../../packages/server/src/two-way/index.ts";
import { openVault, parseMasterKeys } from "../../../packages/server/src/vault/index.ts";
import { testMasterKey } from "../../setup/vault.ts";
import { pipelineClock, serverClock } from "../kernel/clocks.ts";
import { noteLogger, type ProcessPorts } from "../kernel/kernel-process.ts";
import type { WorldProcess } from "../kernel/world.ts";

const leaseMs = 15_000;
/** An idle worker looks rarely: between processes nobody rings here, and each look costs a statement. */
const pollMs = 6_000;
const runTimeoutMs = 60_000;
/** So much more rarely is looked for what two-way syncs have to merge: each look costs some statements. */
const pumpSlowness = 4;

export interface SyncProcessParts extends ProcessPorts {
  readonly config: Config;
  /** An attempt to merge a thing of a two-way sync has not come to its end. */
  readonly onMergeFailed?: () => void;
}

/** One process of Belay that syncs, composed as `start-worker.ts` composes it, of the product's own parts. What is missing: the threads around walks. */
export class SyncProcess implements WorldProcess {
  /** Those that are kept. */
  readonly catalog: CatalogInForce;
  readonly #dispatcher: Dispatcher;
  readonly #scheduler: SyncScheduler;
  readonly #pump: TwoWayPump;

  constructor(parts: SyncProcessParts) {
    const { owner, time, db, nowMs, random, config } = parts;
    const clock = serverClock(time, owner, nowMs);
    const logger = noteLogger(parts.note);
    const cipher = openVault({ db, provider: parseMasterKeys(testMasterKey), clock });
    const counters = new Counters();
    const catalog = new CatalogInForce(buildCatalog(config));
    const recordStep = recordSteps(db, cipher);
    let committed: Dispatcher["committed"] = () => {};
    const runner = new ThreadPool({
      configUrl: "in this process",
      clock,
      random,
      logger,
      counters,
      retry: defaultRetryPolicy,
      recordStep,
      runTimeoutMs,
      walks: openWalkDesk({
        db,
        cipher,
        clock,
        logger,
        catalog,
        drawBytes: drawBytesOf(owner.name),
        onCommitted: (mailboxes) => committed(mailboxes),
        onDecided: awaitAgain,
      }),
      writes: openWriteDesk({ db, cipher, clock, catalog, onCommitted: (mailboxes) => committed(mailboxes) }),
      createThread: (leaseTimes) => new SameThread(parts, leaseTimes, logger, recordStep),
    });
    this.catalog = catalog;
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
    this.#pump = startTwoWayPump({
      db,
      cipher,
      clock: slowed(clock),
      logger,
      catalog,
      onCommitted: (mailboxes) => committed(mailboxes),
    });
  }

  wake(notice?: string): void {
    this.#dispatcher.wake(notice === undefined ? undefined : readNotice(notice));
    this.#scheduler.ring();
    this.#pump.ring();
  }

  async stop(): Promise<void> {
    await this.#pump.close();
    await this.#scheduler.close();
    await this.#dispatcher.stop(3_000);
  }
}

/** A process's own, the same in every history: what is told of records, and in which order, hangs on their ids. */
function drawBytesOf(process: string): DrawBytes {
  const random = seededRandom(seedFor(0, `bytes of ${process}`));
  return (size) => Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
}

function slowed({ now, sleep }: Clock): Clock {
  return { now, sleep: (ms, signal) => sleep(ms * pumpSlowness, signal) };
}

/** What `thread.ts` is inside a worker thread, without the thread; pages cross over as copies, as they do between threads. */
class SameThread implements PoolThread {
  readonly #parts: SyncProcessParts;
  readonly #runner: FlowRunner;
  readonly #works = new Map<number, OpenWork>();
  readonly #messages = new Map<number, Message>();

  constructor(parts: SyncProcessParts, leaseTimes: LeaseTimes, logger: Logger, recordStep: (record: StepRecord) => Promise<void>) {
    this.#parts = parts;
    const { time, owner, nowMs, random, network } = parts;
    const pages = new PendingPages((read) =>
      relayPage(this.#works.get(read.run), structuredClone(read), logger, (taken) => pages.answer(structuredClone(taken))),
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
      recordStep: async (run, step) => {
        const message = this.#messages.get(run);
        if (message === undefined) throw new Error("The run has ended.");
        await recordStep({ tenant: message.tenant, mailbox: message.mailbox, message: message.id, ...step });
      },
      keepPage: (run, page) => pages.keep(run, page),
      report: (run, report) => pages.report(run, report),
      runTimeoutMs,
    });
  }

  async start(): Promise<void> {}

  async run(request: RunRequest, message: Message, _needs?: RunNeeds, work?: OpenWork): Promise<RunEnd> {
    const { note } = this.#parts;
    note(request.write === undefined ? "walk goes on" : "merges", {
      message: message.id,
      attempt: request.attempt,
      kind: request.walk?.kind,
      cursor: request.walk?.cursor,
      side: request.write?.side,
    });
    if (work !== undefined) this.#works.set(request.run, work);
    this.#messages.set(request.run, message);
    const end = await this.#runner.run(request);
    this.#works.delete(request.run);
    this.#messages.delete(request.run);
    note(request.write === undefined ? "walk rests" : "has merged", { message: message.id, end });
    if (request.write !== undefined && end.kind !== "delivered") this.#parts.onMergeFailed?.();
    return end;
  }

  abort(run: number): void {
    this.#runner.abort(run);
  }

  async close(): Promise<void> {}
}
