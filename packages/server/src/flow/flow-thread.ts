import type { Worker } from "node:worker_threads";
import type { BlockedBudget, PermitAnswer } from "../limits/index.ts";
import type { KnownAnswer } from "@belay/sdk/http";
import type { Message } from "../mailbox/index.ts";
import type { FlowThreadParts, ThreadEnded } from "./flow-thread-parts.ts";
import { emptyOutbox } from "./thread-outbox.ts";
import { relayBreakerNews } from "./relay-breaker-news.ts";
import type { OpenWork } from "./open-work.ts";
import { CacheRelay } from "./relay-cache.ts";
import { relayPage } from "./relay-page.ts";
import { LastWords } from "./last-words.ts";
import { KnownConnections, toRefusal } from "./known-connections.ts";
import type {
  BreakerNews,
  ConnectionUpdate,
  CredentialRefused,
  CredentialRenewed,
  FromThread,
  PermitRequest,
  KnownAsked,
  PageRead,
  RunEnd,
  RunRequest,
  StepFinished,
  ToThread,
} from "./protocol.ts";
import type { RunNeeds } from "./run-needs.ts";
import { tellCause } from "./tell-cause.ts";

interface Run {
  readonly message: Message;
  /** The how-manieth run it is that this worker was given. */
  readonly place: number;
  readonly resolve: (end: RunEnd | ThreadEnded) => void;
  /** Where what it tells goes, if it is a walk or a merge. */
  readonly work: OpenWork | undefined;
}

const longestStartMs = 30_000;
/** What keeps a thread from starting, a broken configuration or a lack of memory, does not go away at once. */
const startAgainMs = 5_000;
const pingsPerHang = 5;
/** How long a thread has to tell what it has counted: nothing that matters more than an end in time. */
const lastCountsMs = 200;

/**
 * One worker thread seen from outside. It is started when first needed and again after it ended. What is said to it in one turn of the event loop
 * goes as one message. It is watched: when it does not answer for `hangMs` it is terminated.
 */
export class FlowThread {
  readonly #parts: FlowThreadParts;
  readonly #cache: CacheRelay;
  readonly #runs = new Map<number, Run>();
  #worker: Worker | undefined;
  #lastWords = new LastWords();
  #given = 0;
  #starting: Promise<Worker> | undefined;
  #closing = false;
  #onEmpty = (): void => {};
  #outbox = emptyOutbox();
  #known = new KnownConnections();
  #flushing = false;
  #unanswered = 0;

  constructor(parts: FlowThreadParts) {
    this.#parts = parts;
    this.#cache = new CacheRelay(parts.cache, (said) => {
      this.#outbox.cached.push(said);
      this.#flushSoon();
    });
  }

  async start(): Promise<void> {
    await this.#ready();
  }

  /** Resolves with the end of the run, or that the thread ended in the middle of it; had it not begun, it is suspended. */
  async run(request: RunRequest, message: Message, needs?: RunNeeds, work?: OpenWork): Promise<RunEnd | ThreadEnded> {
    try {
      await this.#ready();
    } catch (error) {
      if (this.#closing) return { run: request.run, kind: "suspended" };
      this.#parts.logger.error({ error }, "A worker thread could not be started; its mailboxes wait.");
      const why = "A worker thread could not be started.";
      return {
        run: request.run,
        kind: "failed",
        code: "FLOW_THREAD_UNAVAILABLE",
        error: why,
        retry: { afterMs: startAgainMs },
        waits: true,
        stepped: false,
      };
    }
    if (this.#closing) return { run: request.run, kind: "suspended" };
    return await new Promise((resolve) => {
      this.#given += 1;
      this.#runs.set(request.run, { message, place: this.#given, resolve, work });
      if (needs !== undefined) this.#outbox.connections.push(...this.#known.missing(needs.connections));
      this.#outbox.run.push(request);
      this.#flushSoon();
    });
  }

  abort(run: number): void {
    if (!this.#runs.has(run)) return;
    this.#outbox.abort.push(run);
    this.#flushSoon();
  }

  /** Takes no more runs. What runs may end within `graceMs`, and is suspended after that. A thread does not start again after this. */
  async close(graceMs = 0): Promise<void> {
    this.#closing = true;
    if (graceMs > 0 && this.#runs.size > 0) await this.#emptyWithin(graceMs);
    await this.#hearCounts();
    await this.#worker?.terminate();
  }

  /** What the thread has counted since its last sign of life. */
  async #hearCounts(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined || this.#parts.onCalls === undefined) return;
    const heard = Promise.withResolvers<void>();
    const onMessage = ({ pong }: FromThread): void => {
      if (pong === true) heard.resolve();
    };
    worker.on("message", onMessage);
    worker.once("exit", () => heard.resolve());
    const tooLate = setTimeout(heard.resolve, lastCountsMs);
    worker.postMessage({ ping: true } satisfies ToThread);
    await heard.promise;
    clearTimeout(tooLate);
    worker.off("message", onMessage);
  }

  async #emptyWithin(graceMs: number): Promise<void> {
    const emptied = Promise.withResolvers<void>();
    this.#onEmpty = emptied.resolve;
    const tooLate = setTimeout(emptied.resolve, graceMs);
    await emptied.promise;
    clearTimeout(tooLate);
  }

  #ready(): Promise<Worker> {
    if (this.#closing) return Promise.reject(new Error("The thread is closed."));
    this.#starting ??= this.#launch();
    return this.#starting;
  }

  #launch(): Promise<Worker> {
    this.#lastWords = new LastWords();
    this.#known = new KnownConnections();
    this.#given = 0;
    const worker = this.#parts.create(this.#lastWords.buffer);
    this.#worker = worker;
    const started = new AbortController();
    return new Promise<Worker>((resolve, reject) => {
      let failure: unknown = new Error("The thread ended while starting.");
      const tooLate = setTimeout(() => {
        failure = new Error(
          `The thread had not read the configuration after ${longestStartMs / 1_000} s: it waits for something, or the machine is too busy.`,
        );
        worker.terminate().catch(reject);
      }, longestStartMs);
      worker.on("message", (message: FromThread) => {
        this.#unanswered = 0;
        if (message.ready === true) {
          clearTimeout(tooLate);
          started.abort();
          this.#watch(worker);
          this.#tellOpen(worker);
          resolve(worker);
        } else this.#hear(message);
      });
      worker.on("error", (error) => {
        failure = error;
      });
      worker.on("exit", () => {
        clearTimeout(tooLate);
        this.#ended(worker, started.signal.aborted ? failure : undefined);
        if (!started.signal.aborted) reject(failure);
      });
    });
  }

  #hear(message: FromThread): void {
    if (message.cache !== undefined) this.#cache.hear(message.cache);
    // A run that has written has not ended before what others knew from before is gone. Where that fails it ends by its age: the run is done.
    const settled = this.#cache.settled();
    const end = (): void => this.#end(message.ended ?? []);
    if (settled === undefined) end();
    else settled.then(end, end);
    for (const step of message.steps ?? []) this.#record(step);
    for (const read of message.pages ?? []) this.#keepPage(read);
    for (const refused of message.refused ?? []) this.#renew(refused);
    for (const asked of message.permits ?? []) this.#lease(asked);
    for (const answer of message.kept ?? []) this.#parts.lastKnown?.keep(answer);
    for (const asked of message.asked ?? []) this.#find(asked);
    for (const news of message.breakers ?? []) this.#hearOfBreaker(news);
    if (message.calls !== undefined) this.#parts.onCalls?.(message.calls);
  }

  #end(ended: readonly RunEnd[]): void {
    for (const end of ended) {
      const run = this.#runs.get(end.run);
      this.#runs.delete(end.run);
      run?.resolve(end);
    }
    if (this.#runs.size === 0) this.#onEmpty();
  }

  #record({ run, request, name, result, wrote }: StepFinished): void {
    const message = this.#runs.get(run)?.message;
    const answer = (error?: string): void => {
      this.#outbox.recorded.push(error === undefined ? { request } : { request, error });
      this.#flushSoon();
    };
    if (message === undefined) {
      answer("The run has ended.");
      return;
    }
    const { tenant, mailbox, id } = message;
    const record = (): Promise<void> => this.#parts.recordStep({ tenant, mailbox, message: id, name, result, wrote });
    (this.#cache.settled()?.then(record) ?? record()).then(
      () => answer(),
      (error: unknown) => answer(error instanceof Error ? error.message : String(error)),
    );
  }

  #keepPage(read: PageRead): void {
    const worker = this.#worker;
    relayPage(this.#runs.get(read.run)?.work, read, this.#parts.logger, (taken) => {
      // Another thread has never asked.
      if (worker !== this.#worker) return;
      this.#outbox.taken.push(taken);
      this.#flushSoon();
    });
  }

  #renew({ request, connection, version }: CredentialRefused): void {
    const worker = this.#worker;
    const answer = (update: readonly ConnectionUpdate[], renewed: CredentialRenewed): void => {
      // Another thread has never asked.
      if (worker !== this.#worker) return;
      this.#outbox.connections.push(...update);
      this.#outbox.renewed.push(renewed);
      this.#flushSoon();
    };
    const renewed = this.#parts.renew?.(connection, version) ?? Promise.reject(new Error("Nothing is renewed here."));
    renewed.then(
      (needed) => answer(this.#known.missing([needed]), { request }),
      (error: unknown) => answer([], { request, error: toRefusal(error) }),
    );
  }

  /** Tells the thread which budgets a provider has closed to everybody. */
  hearBlocked(blocked: readonly BlockedBudget[]): void {
    if (this.#worker === undefined) return;
    this.#outbox.blocked.push(...blocked);
    this.#flushSoon();
  }

  #lease({ request, asks }: PermitRequest): void {
    const worker = this.#worker;
    const leased = this.#parts.limits?.lease(asks) ?? Promise.resolve([]);
    const answer = (answers: readonly PermitAnswer[]): void => {
      // Another thread has never asked; what was leased for this one runs out by itself.
      if (worker !== this.#worker) return;
      this.#outbox.leased.push({ request, answers });
      this.#flushSoon();
    };
    // It never rejects; should it, the holder is told that it got nothing, and asks again.
    leased.then(answer, () => answer([]));
  }

  #find({ request, ...asked }: KnownAsked): void {
    const worker = this.#worker;
    const answer = (found?: KnownAnswer): void => {
      // Another thread has never asked.
      if (worker !== this.#worker) return;
      this.#outbox.found.push(found === undefined ? { request } : { request, found });
      this.#flushSoon();
    };
    (this.#parts.lastKnown?.find(asked) ?? Promise.resolve(undefined)).then(answer, () => answer());
  }

  /** Tells the thread what is open, now and as it changes. */
  #tellOpen(worker: Worker): void {
    const { breakers } = this.#parts;
    if (breakers === undefined) return;
    const stop = breakers.subscribe((open) => {
      this.#outbox.open = open;
      this.#flushSoon();
    });
    worker.once("exit", stop);
  }

  #hearOfBreaker(news: BreakerNews): void {
    const worker = this.#worker;
    relayBreakerNews(this.#parts.breakers, news, (answered) => {
      // Another thread has never asked: the lease expires.
      if (worker !== this.#worker) return;
      this.#outbox.probes.push(answered);
      this.#flushSoon();
    });
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      const { connections, renewed, leased, blocked, found, cached, open, probes, ...rest } = this.#outbox;
      const message: ToThread = {
        ...rest,
        ...(connections.length > 0 && { connections }),
        ...(renewed.length > 0 && { renewed }),
        ...(leased.length > 0 && { leased }),
        ...(blocked.length > 0 && { blocked }),
        ...(found.length > 0 && { found }),
        ...(cached.length > 0 && { cached }),
        ...(open !== undefined && { open }),
        ...(probes.length > 0 && { probes }),
      };
      this.#outbox = emptyOutbox();
      this.#worker?.postMessage(message);
    });
  }

  /**
   * Asks for a sign of life; a thread that is busy with work that never yields cannot give one. Questions are counted, not time: when this thread or
   * the machine stood still, the answers lie here unread, and a look at the clock would end a healthy thread.
   */
  #watch(worker: Worker): void {
    const { hangMs, logger } = this.#parts;
    this.#unanswered = 0;
    const timer = setInterval(
      () => {
        if (this.#worker !== worker) {
          clearInterval(timer);
        } else if (this.#unanswered >= pingsPerHang) {
          clearInterval(timer);
          logger.error({ hangMs, runs: this.#runs.size }, "A worker thread stands still and is ended; a flow must not block its thread.");
          worker.terminate().catch((error: unknown) => logger.error({ error }, "A worker thread could not be ended."));
        } else {
          this.#unanswered += 1;
          worker.postMessage({ ping: true } satisfies ToThread);
        }
      },
      Math.max(50, hangMs / pingsPerHang),
    );
    timer.unref();
  }

  /** `cause` is absent for a thread that never started: who wanted it is told by the rejection. */
  #ended(worker: Worker, cause: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#starting = undefined;
    this.#cache.ended();
    if (!this.#closing && cause !== undefined)
      this.#parts.logger.warn(
        { cause: tellCause(cause), runs: this.#runs.size },
        "A worker thread ended; what ran in it is tried again, one message at a time.",
      );
    const runs = [...this.#runs];
    this.#runs.clear();
    this.#outbox = emptyOutbox();
    // While a thread hangs, runs pile up that it has not even read: they are not to blame.
    const { begun, inside } = this.#lastWords;
    // Memory runs out in whoever asks for some when there is none left: that says nothing about who took it.
    const guilty = isOutOfMemory(cause) ? undefined : inside;
    this.#onEmpty();
    const incident = {};
    for (const [run, { place, resolve }] of runs) {
      if (this.#closing || place > begun || (guilty !== undefined && run !== guilty)) resolve({ run, kind: "suspended" });
      else resolve({ kind: "thread-ended", incident, guilty: run === guilty });
    }
  }
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
}
