import { setTimeout as sleep } from "node:timers/promises";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { type LoadFigures, startBelayPart, startLoad, type Subject } from "../pipeline/parts.ts";
import { startBenchPostgres } from "../support/database.ts";
import { type Part, startPart } from "../support/part.ts";
import { connectionsInAll, counted } from "./counted.ts";
import type { Question, Seen } from "./provider.ts";

const workers = 4;
/** Answers that are under way when a refusal is answered belong to requests from before it. */
const mostSpreadMs = 1_000;
const refusalSeconds = 6;

type Provider = Part<{ readonly url: string }>;

/**
 * Four workers, a hundred connections, and a provider that counts exactly and refuses what is too much: the backlog of all of them must be worked off at the rate that is allowed, and not a
 * request above it. Then a worker is killed and another stands still for a while, and a refusal with a Retry-After has to reach all of them within a second.
 */
export async function benchLimits(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const calmSeconds = options.quick ? 30 : 60;
  await using postgres = await startBenchPostgres();
  await using provider: Provider = await startPart(new URL("./provider.ts", import.meta.url));
  const url = await postgres.create("limits");
  const config = new URL("./belay.config.ts", import.meta.url).href;
  const startWorker = (): Promise<Subject> => startBelayPart(provider.ready.url, connectionsInAll, url, workerOptions);
  // A mailbox that finds no room has begun what it holds for nothing: where most of them wait for limits, a small quantum spares the processor. What is measured here are limits, not how
  // quickly a busy machine answers its threads.
  const workerOptions = { roles: ["worker"] as const, config, dispatcher: { quantum: 20, maxMessages: 400 }, flows: { hangMs: 20_000 } };
  const running: Subject[] = [];
  await using stopping = new AsyncDisposableStack();
  stopping.defer(async () => {
    await Promise.all(running.map((worker) => worker[Symbol.asyncDispose]()));
  });
  const events = await dump(provider, url, config, options.quick ? 90 : 150);
  say(`${events} events wait for ${connectionsInAll} connections`);
  for (let index = 0; index < workers; index += 1) running.push(await startWorker());
  // The first windows are those in which everybody begins.
  await sleep(12_000);
  const calm = await watch(provider, calmSeconds);
  say(`calm: ${describe(calm)}`);

  const [killed, frozen] = running;
  killed?.signal("SIGKILL");
  frozen?.signal("SIGSTOP");
  running[0] = await startWorker();
  await sleep(8_000);
  frozen?.signal("SIGCONT");
  const struck = await watch(provider, options.quick ? 12 : 25);
  say(`after a kill and a standstill: ${describe(struck)}`);

  const spreadMs = await refuse(provider);
  say(`a Retry-After was known to all after ${spreadMs} ms`);
  const end = await provider.ask<Seen[]>({ ask: "seen", fromMs: 0, untilMs: 1 } satisfies Question);
  const overshoot = end.reduce((sum, each) => sum + each.overshoot, 0);
  const used = (connector: string): number => Math.round((calm.find((each) => each.connector === connector)?.used ?? 0) * 1_000) / 1_000;
  const figures = {
    overshoot,
    utilisation: Math.min(...counted.filter(({ perMs }) => perMs >= 10_000).map(({ connector }) => used(connector))),
    utilisationShort: Math.min(...counted.filter(({ perMs }) => perMs < 10_000).map(({ connector }) => used(connector))),
    retryAfterSpreadMs: spreadMs,
  };
  const violations = counted.flatMap(({ connector, leastUsed }) =>
    used(connector) >= leastUsed ? [] : [`Of what "${connector}" allows ${used(connector)} was used, below ${leastUsed}.`],
  );
  if (overshoot > 0) violations.push(`${overshoot} requests were more than was allowed.`);
  if (spreadMs > mostSpreadMs) violations.push(`Requests left for ${spreadMs} ms after a refusal that said when to come again.`);
  return { figures, violations };
}

/** Lets all connections have a backlog before a worker is there. */
async function dump(provider: Provider, url: string, config: string, perConnection: number): Promise<number> {
  await using ingest = await startBelayPart(provider.ready.url, connectionsInAll, url, { roles: ["ingest"], config });
  await using load = await startLoad();
  const events = perConnection * connectionsInAll;
  const order = { url: ingest.ready.url, events, mailboxes: connectionsInAll, bytes: 300, connections: 32, rate: 0 };
  return (await load.ask<LoadFigures>(order)).accepted;
}

async function watch(provider: Provider, seconds: number): Promise<Seen[]> {
  const fromMs = Date.now();
  await sleep(seconds * 1_000);
  return await provider.ask<Seen[]>({ ask: "seen", fromMs, untilMs: fromMs + seconds * 1_000 } satisfies Question);
}

function describe(seen: readonly Seen[]): string {
  return seen
    .map(({ connector, used, arrived, overshoot }) => `${connector} ${(used * 100).toFixed(1)} % (${arrived}, ${overshoot} too many)`)
    .join(", ");
}

/** @returns how long requests went on to arrive after one was refused until a time. */
async function refuse(provider: Provider): Promise<number> {
  const connector = "short";
  await provider.ask({ ask: "refuse", connector, seconds: refusalSeconds } satisfies Question);
  await sleep((refusalSeconds + 6) * 1_000);
  const { atMs, arrivalsMs } = await provider.ask<{ atMs: number | null; arrivalsMs: number[] }>({
    ask: "refusal",
    connector,
  } satisfies Question);
  if (atMs === null) throw new Error("No request came that could have been refused.");
  // What comes before the time that was named, came because somebody did not know of it.
  const early = arrivalsMs.filter((at) => at < atMs + refusalSeconds * 1_000 - 50);
  if (early.length === arrivalsMs.length) throw new Error("Nobody came again after the refusal.");
  return Math.max(0, ...early.map((at) => at - atMs));
}
