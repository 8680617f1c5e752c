import { randomBytes } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { startBelay } from "@belay/server";
import { connectToBelay } from "./belay-api.ts";
import { isRejected, judge } from "./judge.ts";
import type { Judgement } from "./judge.ts";
import { countFailures, readTargets, startProviders } from "./targets.ts";
import type { Targets } from "./targets.ts";
import { githubSource, planTraffic, sendTraffic, stripeSource } from "./traffic/index.ts";
import type { Receipt, Source } from "./traffic/index.ts";

export interface DemoOptions {
  /** Decides on traffic and faults. */
  readonly seed: number;
  /** 1 for the full size; a tenth for a quick look. */
  readonly scale: number;
  /** Called about twice a second. */
  readonly onProgress: (progress: Progress) => void;
  readonly signal: AbortSignal;
}

/** Where the demo stands. */
export interface Progress {
  readonly phase: "sending" | "draining";
  readonly planned: number;
  readonly received: number;
  readonly rejected: number;
  /** Messages that Belay has not finished. */
  readonly waiting: number;
  /** Writes that the targets have committed. */
  readonly written: number;
  readonly failures: number;
  /** The targets that are down right now. */
  readonly down: readonly string[];
}

/** The demo after its run, with Belay and the targets still up. */
export interface DemoRun extends AsyncDisposable {
  readonly judgement: Judgement;
  readonly belay: { readonly url: string; readonly adminToken: string };
  readonly targets: Targets;
}

const senders = 50;
/** Belay must have finished so long after the last delivery. */
const longestDrainMs = 60_000;

/**
 * Runs the whole demo once: starts the targets and Belay, sends the traffic, takes targets down on the way, waits until Belay has
 * nothing left to do, and judges by what the targets hold.
 */
export async function runDemo({ seed, scale, onProgress, signal }: DemoOptions): Promise<DemoRun> {
  const started = performance.now();
  await using stack = new AsyncDisposableStack();
  const targets = stack.use(await startProviders(seed));
  const adminToken = randomBytes(24).toString("hex");
  const server = await startBelay({
    config: targets.simulation.configUrl,
    database: { kind: "pglite" },
    http: { host: "127.0.0.1", port: 0 },
    adminToken,
    masterKey: `demo:${randomBytes(32).toString("base64")}`,
    retry: { maxAttempts: 40, maxAgeMs: 3_600_000, baseMs: 200, capMs: 2_000 },
  });
  stack.defer(() => server.close());
  const api = connectToBelay(fetch, server.url, adminToken);

  const plan = planTraffic(seed, drawSources(seed, targets), scale);
  const receipts: Receipt[] = [];
  const spreadMs = 4_000 + 10_000 * scale;
  const outages = planOutages(targets, spreadMs);
  const watch = async (phase: Progress["phase"]): Promise<number> => {
    const waiting = await api.waiting();
    const received = receipts.length;
    const rejected = receipts.filter(isRejected).length;
    onProgress({
      phase,
      planned: plan.length,
      received,
      rejected,
      waiting,
      written: countWrites(targets),
      failures: countFailures(targets),
      down: outages(),
    });
    return waiting;
  };

  const sending = sendTraffic(plan, {
    fetch,
    url: server.url,
    spreadMs,
    senders,
    signal,
    onReceipt: (receipt) => void receipts.push(receipt),
  });
  await during(sending, () => watch("sending"), signal);
  const waiting = await drain(() => watch("draining"), signal);
  targets.zendesk.setFaults({});
  targets.hubspot.setFaults({});

  const seconds = Math.round((performance.now() - started) / 100) / 10;
  const judgement = judge({
    receipts,
    records: readTargets(targets),
    deadLetters: await api.deadLetters(),
    waiting,
    failures: countFailures(targets),
    seconds,
  });
  const kept = stack.move();
  return { judgement, belay: { url: server.url, adminToken }, targets, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

function drawSources(seed: number, { simulation }: Targets): readonly Source[] {
  return simulation.connections.flatMap(({ tenant, connector, webhooks }) => {
    if (webhooks === undefined) return [];
    const make = connector === "github" ? githubSource : stripeSource;
    return [make(seed, tenant, webhooks.endpoint, webhooks.secret)];
  });
}

/** Takes one account at Zendesk and all of HubSpot down for a while, amid the traffic. Returns what tells who is down. */
function planOutages({ zendesk, hubspot }: Targets, spreadMs: number): () => readonly string[] {
  const started = performance.now();
  const outages = [
    { name: "Zendesk of initech", from: 0.25 * spreadMs, for: 0.25 * spreadMs },
    { name: "HubSpot", from: 0.6 * spreadMs, for: 0.2 * spreadMs },
  ] as const;
  zendesk.dead(outages[0].from, outages[0].for, { account: "initech-zendesk" });
  hubspot.dead(outages[1].from, outages[1].for, { as: "reset" });
  return () => {
    const elapsed = performance.now() - started;
    return outages.filter((outage) => outage.from <= elapsed && elapsed < outage.from + outage.for).map(({ name }) => name);
  };
}

function countWrites({ zendesk, hubspot }: Targets): number {
  return zendesk.writes("ticket").length + hubspot.writes("contact").length;
}

/** Repeats `look` twice a second until `work` is done. */
async function during(work: Promise<void>, look: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  const finished = work.then(() => "finished" as const);
  while ((await Promise.race([finished, wait(500, "looking" as const, { signal })])) !== "finished") await look();
}

/** Waits until nothing is left to do; returns how much still was when the time was up. */
async function drain(look: () => Promise<number>, signal: AbortSignal): Promise<number> {
  const givenUpAt = performance.now() + longestDrainMs;
  for (;;) {
    // Asked twice: a message that is just being handed from one count to the next may be missing from one answer.
    const waiting = (await look()) || (await look());
    if (waiting === 0 || performance.now() > givenUpAt) return waiting;
    await wait(250, undefined, { signal });
  }
}
