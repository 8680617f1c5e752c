import { parentPort, workerData } from "node:worker_threads";
import { BelayError } from "@belay/sdk";
import { createClient, createMemoryBreaker, createMemoryBudget, createNetwork, systemClock } from "@belay/sdk/http";
import { loadConfig } from "../catalog/index.ts";
import { LeaseTimes } from "./lease-times.ts";
import type { FromThread, RunEnd, RunRequest, StepFinished, ThreadData, ToThread } from "./protocol.ts";
import { runMessage } from "./run-message.ts";

/*
 * The inside of a worker thread: loads the configuration, runs flows, talks to providers. It has no database.
 * What it says to the main thread is collected for one turn of the event loop and sent as one message.
 */

const port = parentPort;
if (port === null) throw new Error("This file is the entry of a worker thread.");
const { configUrl, leaseTimes: buffer, runTimeoutMs } = workerData as ThreadData;
const leaseTimes = new LeaseTimes(buffer);
const clock = systemClock;
const config = await loadConfig(configUrl);
const network = createNetwork();
const ports = { clock, random: Math.random, network, breaker: createMemoryBreaker(), budget: createMemoryBudget() };
const clients = new Map<string, unknown>();
const aborts = new Map<number, AbortController>();
const recordings = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
let requests = 0;

let ended: RunEnd[] = [];
let steps: StepFinished[] = [];
let flushing = false;

function flushSoon(): void {
  if (flushing) return;
  flushing = true;
  setImmediate(() => {
    flushing = false;
    const message: FromThread = { ended, steps };
    ended = [];
    steps = [];
    port?.postMessage(message);
  });
}

function clientOf(id: string): unknown {
  const known = clients.get(id);
  if (known !== undefined) return known;
  const connection = config.connections.find((candidate) => candidate.id === id);
  const connector = config.connectors.find((candidate) => candidate.id === connection?.connector);
  if (connection === undefined || connector === undefined) {
    throw new BelayError("FLOW_UNKNOWN", `Connection "${id}" is not in the configuration.`, { retry: { afterMs: 60_000 } });
  }
  const client = createClient(connector, connection, ports);
  clients.set(id, client);
  return client;
}

async function run(request: RunRequest): Promise<RunEnd> {
  const flow = config.flows.find(({ id }) => id === request.flow);
  const target = config.connections.find(({ id }) => id === request.target);
  if (flow === undefined || target === undefined) {
    const error = `Flow "${request.flow}" or connection "${request.target}" is not in the configuration.`;
    return { run: request.run, kind: "failed", code: "FLOW_UNKNOWN", error, retry: { afterMs: 60_000 }, waits: false, stepped: false };
  }
  const abort = new AbortController();
  aborts.set(request.run, abort);
  const timer = setTimeout(
    () => abort.abort(new BelayError("FLOW_TIMED_OUT", `The run took longer than ${runTimeoutMs} ms.`, { retry: "backoff" })),
    runTimeoutMs,
  );
  const aborted = new Promise<void>((resolve) => abort.signal.addEventListener("abort", () => resolve(), { once: true }));
  try {
    const running = runMessage(request, {
      flow,
      target,
      client: clientOf(target.id),
      now: clock.now,
      runTimeoutMs,
      signal: abort.signal,
      leaseCheck: () => {
        if (abort.signal.aborted || !leaseTimes.holds(request.slot, clock.now())) {
          throw new BelayError("LEASE_LOST", "The mailbox is no longer this worker's.", { retry: "backoff" });
        }
      },
      recordStep: (name, result) => recordStep(request.run, name, result),
    });
    // Code that ignores its signal is left behind: the lease check keeps it from writing anything more.
    return await Promise.race([running, aborted.then(() => endOfAborted(request.run, abort.signal))]);
  } finally {
    clearTimeout(timer);
    aborts.delete(request.run);
  }
}

function endOfAborted(id: number, signal: AbortSignal): RunEnd {
  const reason: unknown = signal.reason;
  if (reason instanceof BelayError && reason.code === "FLOW_TIMED_OUT") {
    return { run: id, kind: "failed", code: reason.code, error: reason.message, retry: reason.retry, waits: false, stepped: true };
  }
  return { run: id, kind: "suspended" };
}

function recordStep(id: number, name: string, result: string): Promise<void> {
  const request = (requests += 1);
  steps.push({ run: id, request, name, result });
  flushSoon();
  return new Promise((resolve, reject) => recordings.set(request, { resolve, reject }));
}

port.on("message", (message: ToThread) => {
  if (message.ping === true) port.postMessage({ pong: true } satisfies FromThread);
  for (const { request, error } of message.recorded ?? []) {
    const recording = recordings.get(request);
    recordings.delete(request);
    if (error === undefined) recording?.resolve();
    else recording?.reject(new Error(error));
  }
  for (const id of message.abort ?? [])
    aborts.get(id)?.abort(new BelayError("LEASE_LOST", "The mailbox is no longer this worker's.", { retry: "backoff" }));
  for (const request of message.run ?? []) {
    run(request).then(
      (end) => {
        ended.push(end);
        flushSoon();
      },
      (error: unknown) => {
        const text = error instanceof Error ? error.message : String(error);
        ended.push({ run: request.run, kind: "failed", code: "FLOW_UNKNOWN", error: text, retry: "backoff", waits: false, stepped: false });
        flushSoon();
      },
    );
  }
});

port.postMessage({ ready: true } satisfies FromThread);
