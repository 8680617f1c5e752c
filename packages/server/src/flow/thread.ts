import { parentPort, workerData } from "node:worker_threads";
import { createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import { LocalBreaker } from "../breakers/index.ts";
import { loadConfig } from "../catalog/index.ts";
import { openHolder } from "../limits/index.ts";
import { CallTally } from "./call-tally.ts";
import { giveWay } from "./give-way.ts";
import { LastWords } from "./last-words.ts";
import { LeaseTimes } from "./lease-times.ts";
import { PendingLeases } from "./pending-leases.ts";
import { PendingPages } from "./pending-pages.ts";
import { PendingProbes } from "./pending-probes.ts";
import type {
  BreakerNews,
  CredentialRefused,
  FinishedStep,
  FromThread,
  PageRead,
  PermitRequest,
  RunEnd,
  StepFinished,
  ThreadData,
  ToThread,
} from "./protocol.ts";
import { PendingRenewals } from "./pending-renewals.ts";
import { FlowRunner } from "./run-flow.ts";
import { ThreadCache } from "./thread-cache.ts";
import { ThreadLastKnown } from "./thread-last-known.ts";

/*
 * The inside of a worker thread: loads the configuration, runs flows, talks to providers. It has no database.
 * What it says to the main thread is collected for one turn of the event loop and sent as one message.
 */

const port = parentPort;
if (port === null) throw new Error("This file is the entry of a worker thread.");
const {
  configUrl,
  leaseTimes: buffer,
  runTimeoutMs,
  attemptTimeoutMs,
  givesWay,
  sharesLimits,
  lastWords: words,
} = workerData as ThreadData;
const lastWords = new LastWords(words);
if (givesWay) giveWay();
const leaseTimes = new LeaseTimes(buffer);
const recordings = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
const renewals = new PendingRenewals((request) => {
  refused.push(request);
  flushSoon();
});
const leases = new PendingLeases((request) => {
  permits.push(request);
  flushSoon();
});
const holder = sharesLimits ? openHolder(leases.ask, systemClock.now) : undefined;
const lastKnown = new ThreadLastKnown(systemClock, () => flushSoon());
const cache = new ThreadCache(systemClock, () => flushSoon());
const probes = new PendingProbes((told) => {
  news.push(told);
  flushSoon();
});
const pendingPages = new PendingPages((read) => {
  pages.push(read);
  flushSoon();
});
let requests = 0;
const tally = new CallTally();
const breaker = new LocalBreaker({
  desk: probes,
  clock: systemClock,
  random: Math.random,
  onOpen: (connection) => tally.breakerOpened(connection),
});
const runner = new FlowRunner({
  config: await loadConfig(configUrl),
  ports: {
    clock: systemClock,
    random: Math.random,
    network: createNetwork(),
    breaker,
    budget: holder ?? createMemoryBudget(),
    lastKnown,
    cache,
    attemptTimeoutMs,
  },
  leaseHolds: (slot, nowMs) => leaseTimes.holds(slot, nowMs),
  recordStep,
  keepPage: (run, page) => pendingPages.keep(run, page),
  report: (run, report) => pendingPages.report(run, report),
  enter: (run, code) => lastWords.enter(run, code),
  runTimeoutMs,
  onAttempt: (tenant, flow, attempt) => tally.saw(tenant, flow, attempt),
  askRenewed: renewals.ask,
});

let ended: RunEnd[] = [];
let steps: StepFinished[] = [];
let pages: PageRead[] = [];
let refused: CredentialRefused[] = [];
let permits: PermitRequest[] = [];
let news: BreakerNews[] = [];
let flushing = false;

function flushSoon(): void {
  if (flushing) return;
  flushing = true;
  setImmediate(() => {
    flushing = false;
    const message: FromThread = {
      ended,
      steps,
      ...(pages.length > 0 && { pages }),
      ...(refused.length > 0 && { refused }),
      ...(permits.length > 0 && { permits }),
      ...lastKnown.take(),
      ...cache.take(),
      ...(news.length > 0 && { breakers: news }),
    };
    ended = [];
    steps = [];
    pages = [];
    refused = [];
    permits = [];
    news = [];
    port?.postMessage(message);
  });
}

function recordStep(id: number, step: FinishedStep): Promise<void> {
  const request = (requests += 1);
  steps.push({ ...step, run: id, request });
  flushSoon();
  return new Promise((resolve, reject) => recordings.set(request, { resolve, reject }));
}

port.on("message", (message: ToThread) => {
  if (message.ping === true) {
    const calls = tally.take();
    port.postMessage({ pong: true, ...(calls && { calls }) } satisfies FromThread);
  }
  for (const { request, error } of message.recorded ?? []) {
    const recording = recordings.get(request);
    recordings.delete(request);
    if (error === undefined) recording?.resolve();
    else recording?.reject(new Error(error));
  }
  for (const taken of message.taken ?? []) pendingPages.answer(taken);
  if (message.connections !== undefined) runner.learn(message.connections);
  for (const answer of message.renewed ?? []) renewals.answer(answer);
  for (const answer of message.leased ?? []) leases.answer(answer);
  for (const { tenant, key, forMs } of message.blocked ?? []) holder?.hearBlock(tenant, key, forMs);
  for (const answer of message.found ?? []) lastKnown.answer(answer);
  for (const said of message.cached ?? []) cache.answer(said);
  if (message.open !== undefined) breaker.hear(message.open, systemClock.now());
  for (const answer of message.probes ?? []) probes.answer(answer);
  for (const id of message.abort ?? []) runner.abort(id);
  for (const request of message.run ?? []) {
    lastWords.countBegun();
    runner.run(request).then(
      (end) => {
        ended.push(end);
        flushSoon();
      },
      // It never rejects; should it, the thread ends, and who is to blame is found out.
      (error: unknown) => {
        throw error;
      },
    );
  }
});

port.postMessage({ ready: true } satisfies FromThread);
