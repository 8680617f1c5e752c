import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { isBelayError, type Reference } from "@belay/sdk";
import type { LastKnown } from "@belay/sdk/http";
import type { CacheBook } from "../cache/index.ts";
import type { SharedLimits } from "../limits/index.ts";
import type { SharedBreakers } from "../breakers/index.ts";
import type { LeasedRunner, Lease, Message, RetryPolicy, Runner, StepRecord, Verdict } from "../mailbox/index.ts";
import { decideRetry } from "../mailbox/index.ts";
import type { Tell } from "../stream/index.ts";
import type { Clock, Counters, Logger } from "../telemetry/index.ts";
import type { CallReport } from "./call-tally.ts";
import { FlowThread } from "./flow-thread.ts";
import type { ThreadEnded } from "./flow-thread-parts.ts";
import { toRefusal } from "./known-connections.ts";
import { LeaseTimes } from "./lease-times.ts";
import { type Desks, failUnread, openWork, type OpenWork } from "./open-work.ts";
import type { RunEnd, RunRequest, ThreadData } from "./protocol.ts";
import type { RunReport } from "./run-report.ts";
import type { ConnectionSource, RunNeeds } from "./run-needs.ts";
import { Solitary } from "./solitary.ts";
import { type Standing, Suspicion } from "./suspicion.ts";

export interface ThreadPoolParts extends Desks {
  readonly configUrl: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly retry: RetryPolicy;
  readonly recordStep: (record: StepRecord) => Promise<void>;
  /** Makes what the messages of a tenant are found by, hexadecimal. Default: what a run created, it is not found by. */
  readonly fingerprint?: (tenant: string, references: readonly Reference[]) => Promise<readonly string[]>;
  /** Told of every run that ended with a verdict. Must be quick. */
  readonly onRunEnd?: (run: EndedRun) => void;
  /** Told now and then what calls came to, about twice a second while there are any. Must be quick. */
  readonly onCalls?: (report: CallReport) => void;
  readonly tell?: Tell;
  /** The budgets that all workers share. Default: each thread has its own, which others know nothing of. */
  readonly limits?: SharedLimits;
  /** What runs need of their connections beyond the threads' configuration. Default: nothing. */
  readonly connections?: ConnectionSource;
  /** Remembers what calls were answered with last. Default: nothing is remembered. */
  readonly lastKnown?: LastKnown;
  /** Answers that may be given again. Default: the provider is asked every time. */
  readonly cache?: CacheBook;
  /** The breakers that all processes share. Default: a breaker opens for one thread alone. */
  readonly breakers?: Pick<SharedBreakers, "trip" | "claim" | "end" | "vouch" | "subscribe">;
  /** Default 1. */
  readonly threads?: number;
  /** Longest run of one message, ms. Default 60,000. */
  readonly runTimeoutMs?: number;
  /** Longest attempt of one call to a provider, from connecting to the answer's last byte, ms. Default 10,000. */
  readonly attemptTimeoutMs?: number;
  /** A thread whose event loop stands still for so long is ended, ms. Default 2,000. */
  readonly hangMs?: number;
  /** Memory a thread may use before it is ended. Default 256 MB. */
  readonly threadMemoryMb?: number;
  /** Makes what flows run in. Default: a worker thread, watched by the two limits above. */
  readonly createThread?: (leaseTimes: LeaseTimes) => PoolThread;
}

/** One run, looked back on. */
export interface EndedRun {
  readonly message: Message;
  /** The connection written to. */
  readonly target: string;
  readonly verdict: Verdict;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Absent when the run went well and is not sampled, and when its thread ended. */
  readonly report?: RunReport;
}

/** Where messages run: `FlowThread` in production. */
export type PoolThread = Pick<FlowThread, "start" | "run" | "abort" | "close"> & Partial<Pick<FlowThread, "hearBlocked">>;

/** Compiled beside this file where this file is. */
const threadEntry = new URL(`./thread${extname(import.meta.filename)}`, import.meta.url);

const mostLeases = 4_096;

/** The database was away as a walk failed. */
const unendedMs = 5_000;

/** How long what runs may take to end when its thread is replaced. */
const retireMs = 2_000;

/**
 * For short-lived objects; V8 would take 128 MB before it looks for garbage. More would spare a busy thread a twentieth of its time, but a thread that runs out of memory
 * would then take the whole process down: Node gives it 16 MB more to end in, and what one collection lets survive has to fit into them.
 */
const youngGenerationMb = 32;

/**
 * Runs flows in worker threads, so that code that hangs, leaks or exits ends only its thread. Messages of one connection always go to the same thread, where
 * the connection's breaker and budget live.
 *
 * When a thread ends, the run whose code it was in is charged with it. Where that cannot be said, what had begun in it is suspended and tried again in a thread of its
 * own, one message at a time: there the guilty one is alone, see `Suspicion`; the others go free.
 */
export class ThreadPool implements Runner {
  readonly #parts: ThreadPoolParts;
  readonly #leaseTimes = new LeaseTimes(mostLeases);
  readonly #freeSlots = Array.from({ length: mostLeases }, (_, index) => mostLeases - 1 - index);
  #threads: PoolThread[];
  #solitaryThread: PoolThread;
  readonly #solitary: Solitary;
  readonly #suspicion = new Suspicion();
  readonly #stopHearing: (() => void) | undefined;
  #runs = 0;

  constructor(parts: ThreadPoolParts) {
    this.#parts = parts;
    this.#threads = this.#newThreads(parts.configUrl);
    this.#solitaryThread = this.#newThread(parts.configUrl, true);
    this.#solitary = new Solitary(parts.clock);
    this.#stopHearing = parts.limits?.onBlocked((blocked) => {
      for (const thread of [...this.#threads, this.#solitaryThread]) thread.hearBlocked?.(blocked);
    });
  }

  /** Starts the threads. @throws when the configuration cannot be loaded in them. */
  async start(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.start()));
  }

  /**
   * Lets other threads run another configuration from now on. What runs in the old ones may end within 2 s; then it is suspended, and tried again in the new.
   *
   * @throws when the configuration cannot be loaded in a thread; then the threads before go on.
   */
  async reload(configUrl: string): Promise<void> {
    const threads = this.#newThreads(configUrl);
    try {
      await Promise.all(threads.map((thread) => thread.start()));
    } catch (error) {
      await Promise.all(threads.map((thread) => thread.close()));
      throw error;
    }
    const retired = [...this.#threads, this.#solitaryThread];
    this.#threads = threads;
    this.#solitaryThread = this.#newThread(configUrl, true);
    await Promise.all(retired.map((thread) => thread.close(retireMs)));
  }

  async close(): Promise<void> {
    this.#solitary.stop();
    this.#stopHearing?.();
    await Promise.all([...this.#threads, this.#solitaryThread].map((thread) => thread.close()));
  }

  open(lease: Lease, deadlineMs: number): LeasedRunner {
    const { tenant, mailbox, connection, takenOver } = lease;
    if (takenOver) this.#parts.tell?.({ type: "mailbox.taken-over", tenant, connection, data: { mailbox } });
    const slot = this.#freeSlots.pop();
    if (slot === undefined) throw new Error(`More than ${mostLeases} leases at once.`);
    this.#leaseTimes.set(slot, deadlineMs);
    const runs = new Map<number, PoolThread>();
    let { token } = lease;
    let [closed, freed] = [false, false];
    const free = (): void => {
      // A run left behind may still look at the slot: it is not given to another lease before all have ended.
      if (freed || !closed || runs.size > 0) return;
      freed = true;
      this.#freeSlots.push(slot);
    };
    return {
      run: async (message) => {
        // The place in memory that says how long the lease holds may be another lease's by now.
        if (closed) return { kind: "suspended" };
        const run = (this.#runs += 1);
        const startedAtMs = this.#parts.clock.now();
        const opening = this.#openWork(message, { ...lease, token });
        const work = opening === undefined ? undefined : await opening;
        if (work !== undefined && "kind" in work) return work;
        if (work !== undefined && closed) return { kind: "suspended" };
        const standing = (): Standing => this.#suspicion.of(message, this.#parts.clock.now());
        const runIn = async (thread: PoolThread): Promise<RunEnd | ThreadEnded> => {
          runs.set(run, thread);
          let needs: RunNeeds | undefined;
          try {
            const needed = this.#parts.connections?.needsOf(lease.connection, message);
            needs = needed instanceof Promise ? await needed : needed;
          } catch (error) {
            return notBegun(run, error);
          }
          // While it waited for a credential the lease may have gone.
          if (needs !== undefined && !this.#leaseTimes.holds(slot, this.#parts.clock.now())) return { run, kind: "suspended" };
          const request = toRequest(run, slot, lease, message, needs);
          if (work === undefined) return await thread.run(request, message, needs);
          return await thread.run({ ...request, ...work.part }, message, needs, work);
        };
        const judge = (end: RunEnd | ThreadEnded, alone: boolean): Verdict => {
          const verdict = this.#toVerdict(end, message, alone);
          const report = "report" in end ? end.report : undefined;
          const endedAtMs = this.#parts.clock.now();
          this.#parts.onRunEnd?.({ message, target: lease.connection, verdict, startedAtMs, endedAtMs, ...(report && { report }) });
          return verdict;
        };
        // A walk whose message is given up would stay open for ever, and no other begin.
        const failing = (verdict: Verdict): Verdict | Promise<Verdict> =>
          work === undefined || verdict.kind !== "dead" ? verdict : this.#failWork(work, verdict);
        const together = async (): Promise<Verdict> => {
          const end = await runIn(this.#threadOf(lease.connection));
          return await this.#withCreated(message, end, await failing(judge(end, false)));
        };
        const alone = async (): Promise<{ result: Verdict; threadEnded: boolean }> => {
          const end = await runIn(this.#solitaryThread);
          return {
            result: await this.#withCreated(message, end, await failing(judge(end, true))),
            threadEnded: end.kind === "thread-ended",
          };
        };
        try {
          if (standing().kind === "free") return await together();
          // Its place in the lease times stays taken while it waits.
          runs.set(run, this.#solitaryThread);
          return await this.#solitary.run({ standing, alone, free: together });
        } finally {
          runs.delete(run);
          free();
        }
      },
      giveUp: (message, code) => failUnread(this.#parts, message, { ...lease, token }, code),
      extend: (deadline, renewed) => {
        token = renewed;
        if (!closed) this.#leaseTimes.set(slot, deadline);
      },
      revoke: () => {
        if (freed) return;
        this.#leaseTimes.end(slot);
        for (const [run, thread] of runs) thread.abort(run);
      },
      close: () => {
        closed = true;
        free();
      },
    };
  }

  /** The work that a message goes on with; a verdict where there is nothing to do, or it cannot be opened now; undefined for any other message. */
  #openWork(message: Message, lease: Lease): Promise<OpenWork | Verdict> | undefined {
    return openWork(this.#parts, message, lease)?.then(
      (work) => work ?? { kind: "delivered", stepped: false },
      (error: unknown) => this.#toUnopened(message, error),
    );
  }

  #toUnopened(message: Message, error: unknown): Verdict {
    if (isBelayError(error) && error.code === "LEASE_LOST") return { kind: "suspended" };
    if (!isBelayError(error)) this.#parts.logger.warn({ error }, "A walk or a merge could not be opened; it is tried again.");
    const { code, text, retry } = toRefusal(error);
    return this.#toFailure(message, { code, error: text, retry });
  }

  async #failWork(work: OpenWork, verdict: Extract<Verdict, { kind: "dead" }>): Promise<Verdict> {
    try {
      await work.fail(verdict.code);
      return verdict;
    } catch (error) {
      this.#parts.logger.warn({ error }, "The end of a walk or a merge could not be written down; it is tried again.");
      return { ...verdict, kind: "retry", afterMs: unendedMs };
    }
  }

  #newThreads(configUrl: string): PoolThread[] {
    return Array.from({ length: this.#parts.threads ?? 1 }, () => this.#newThread(configUrl));
  }

  #newThread(configUrl: string, givesWay = false): PoolThread {
    if (this.#parts.createThread !== undefined) return this.#parts.createThread(this.#leaseTimes);
    const {
      logger,
      recordStep,
      onCalls,
      connections,
      limits,
      lastKnown,
      cache,
      breakers,
      hangMs = 2_000,
      runTimeoutMs = 60_000,
      attemptTimeoutMs = 10_000,
      threadMemoryMb = 256,
    } = this.#parts;
    const data = {
      configUrl,
      leaseTimes: this.#leaseTimes.buffer,
      runTimeoutMs,
      attemptTimeoutMs,
      givesWay,
      sharesLimits: limits !== undefined,
    };
    const create = (lastWords: SharedArrayBuffer): Worker =>
      new Worker(threadEntry, {
        workerData: { ...data, lastWords } satisfies ThreadData,
        resourceLimits: { maxOldGenerationSizeMb: threadMemoryMb, maxYoungGenerationSizeMb: youngGenerationMb },
      });
    const renew = connections && ((connection: string, version: number) => connections.renew(connection, version));
    return new FlowThread({
      create,
      logger,
      hangMs,
      recordStep,
      ...(onCalls && { onCalls }),
      ...(renew && { renew }),
      ...(limits && { limits }),
      ...(lastKnown && { lastKnown }),
      ...(cache && { cache }),
      ...(breakers && { breakers }),
    });
  }

  #threadOf(connection: string): PoolThread {
    let hash = 0;
    for (let index = 0; index < connection.length; index += 1) hash = (hash * 31 + connection.charCodeAt(index)) | 0;
    const thread = this.#threads[Math.abs(hash) % this.#threads.length];
    if (thread === undefined) throw new Error("The pool has no threads.");
    return thread;
  }

  /** The verdict, with what the message is found by from now on because of what it created. */
  async #withCreated({ tenant }: Message, end: RunEnd | ThreadEnded, verdict: Verdict): Promise<Verdict> {
    const { logger, fingerprint } = this.#parts;
    if (!("created" in end) || end.created === undefined || fingerprint === undefined) return verdict;
    const fingerprints = await fingerprint(tenant, end.created).catch((error: unknown) => {
      logger.warn({ error, tenant }, "A message will not be found by what it created: no fingerprint could be made.");
      return [];
    });
    return { ...verdict, fingerprints };
  }

  #toVerdict(end: RunEnd | ThreadEnded, message: Message, solitary: boolean): Verdict {
    if (end.kind === "thread-ended") {
      this.#parts.counters.add("flow.thread-ended");
      if (!solitary && !end.guilty) {
        this.#suspicion.accuse(message, end.incident);
        return { kind: "suspended" };
      }
      const { tenant, connection, flow, id, orderKey } = message;
      // A change of state, once: what it does while it runs alone is told with its messages.
      if (this.#suspicion.convict(message, this.#parts.clock.now()))
        this.#parts.tell?.({
          type: "flow.isolated",
          tenant,
          connection,
          flow,
          message: id,
          reference: orderKey,
          cause: "FLOW_THREAD_ENDED",
        });
      return this.#toFailure(message, {
        code: "FLOW_THREAD_ENDED",
        error: "The flow's code ended its thread: it hung, ran out of memory or exited.",
        retry: "backoff",
      });
    }
    if (end.kind === "suspended") return { kind: "suspended" };
    this.#suspicion.acquit(message);
    if (end.kind === "delivered") return { kind: "delivered", stepped: end.stepped };
    const outage = end.outage === true && { outage: true };
    if (end.waits && typeof end.retry === "object")
      return { kind: "wait", waitMs: end.retry.afterMs, why: end.code, begun: end.stepped, ...outage };
    return { ...this.#toFailure(message, end), ...outage };
  }

  #toFailure(message: Message, failure: Pick<Extract<RunEnd, { kind: "failed" }>, "code" | "error" | "retry">): Verdict {
    const { clock, random, retry: policy } = this.#parts;
    const facts = { retry: failure.retry, failedAttempts: message.attempts + 1, ageMs: clock.now() - message.receivedAtMs };
    return { ...decideRetry(policy, facts, random), code: failure.code, error: failure.error };
  }
}

/** A credential that it needs cannot be used now: its mailbox waits, and no attempt is counted. */
function notBegun(run: number, error: unknown): RunEnd {
  const { code, text, retry, waits } = toRefusal(error);
  return { run, kind: "failed", code, error: text, retry, waits, stepped: false };
}

function toRequest(run: number, slot: number, lease: Lease, message: Message, needs: RunNeeds | undefined): RunRequest {
  return {
    run,
    lane: lease.lane,
    slot,
    tenant: message.tenant,
    flow: message.flow,
    target: lease.connection,
    connection: message.connection,
    eventKey: message.eventKey,
    eventType: message.eventType,
    payload: message.payload,
    attempt: message.attempts + 1,
    suspect: message.suspect,
    firstAttemptAtMs: message.firstAttemptAtMs ?? (message.suspect ? message.receivedAtMs : null),
    trace: message.trace,
    steps: message.steps,
    ...(needs?.further && { further: needs.further }),
  };
}
