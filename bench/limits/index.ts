import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { type LoadFigures, startBelayPart, startLoad, type Subject } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { type Part, startPart } from "../support/part.ts";
import { allowedPerSecond, connectionsInAll, counted, countedBy, mostPerSecondEach } from "./counted.ts";
import type { Question, Seen } from "./provider.ts";

const workers = 4;
/** Answers that are under way when a refusal is answered belong to requests from before it. */
const mostSpreadMs = 1_000;
const refusalSeconds = 6;
/** The first windows are those in which everybody begins. */
const beginSeconds = 12;
/** Longer than the longest window: by then everybody has sent something again. */
const oneWindowSeconds = 12;
const standstillSeconds = 8;
/** Connections that share a limit get more or less of it. */
const spareBacklog = 1.5;
/** Until four workers have started. */
const startSeconds = 20;

type Provider = Part<{ readonly url: string }>;

/**
 * Four workers, a hundred connections, and a provider that counts exactly and refuses what is too much: the backlog of all of them must be worked off at the rate that is allowed, and not a
 * request above it. Then a worker is killed and another stands still for a while, and a refusal with a Retry-After has to reach all of them within a second.
 */
export async function benchLimits(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const calmSeconds = options.quick ? 30 : 60;
  const struckSeconds = options.quick ? 12 : 25;
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
  const seconds = startSeconds + beginSeconds + calmSeconds + standstillSeconds + struckSeconds + 2 * oneWindowSeconds + refusalSeconds;
  const events = await dump(provider, url, config, Math.ceil(seconds * mostPerSecondEach * spareBacklog));
  say(`${events} events wait for ${connectionsInAll} connections, to which the provider allows ${allowedPerSecond} calls a second in all`);
  for (let index = 0; index < workers; index += 1) running.push(await startWorker());
  await sleep(beginSeconds * 1_000);
  const { seen: calm, busy } = await watch(provider, calmSeconds);
  const idle = await findIdle(postgres, url);
  say(`calm, the machine ${Math.round(busy * 100)} % busy: ${describe(calm)}`);

  const [killed, frozen] = running;
  killed?.signal("SIGKILL");
  frozen?.signal("SIGSTOP");
  running[0] = await startWorker();
  await sleep(standstillSeconds * 1_000);
  frozen?.signal("SIGCONT");
  const struck = await watch(provider, struckSeconds);
  say(`after a kill and a standstill: ${describe(struck.seen)}`);

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
    allowedPerSecond,
    machineBusy: Math.round(busy * 100) / 100,
  };
  const violations = counted.flatMap(({ connector, leastUsed }) =>
    used(connector) >= leastUsed ? [] : [`Of what "${connector}" allows ${used(connector)} was used, below ${leastUsed}.`],
  );
  for (const connector of idle) violations.push(`Connections to "${connector}" had run out of work, so that its limit did not decide.`);
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

async function watch(provider: Provider, seconds: number): Promise<{ readonly seen: Seen[]; readonly busy: number }> {
  const fromMs = Date.now();
  const before = processorTimes();
  await sleep(seconds * 1_000);
  const after = processorTimes();
  await sleep(oneWindowSeconds * 1_000);
  const seen = await provider.ask<Seen[]>({ ask: "seen", fromMs, untilMs: fromMs + seconds * 1_000 } satisfies Question);
  return { seen, busy: 1 - (after.idle - before.idle) / Math.max(1, after.all - before.all) };
}

/** Where there is hardly any processor left, the limits are not what decides. */
function processorTimes(): { readonly idle: number; readonly all: number } {
  const times = cpus().map(({ times: each }) => each);
  return {
    idle: times.reduce((sum, { idle }) => sum + idle, 0),
    all: times.reduce((sum, each) => sum + each.idle + each.user + each.sys + each.nice + each.irq, 0),
  };
}

function describe(seen: readonly Seen[]): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return seen
    .map(
      ({ connector, used, leastUsed, arrived, overshoot }) =>
        `${connector} ${percent(used)}${leastUsed < used ? `, none below ${percent(leastUsed)}` : ""} (${arrived}, ${overshoot} too many)`,
    )
    .join("; ");
}

/**
 * The connectors at which work and not the limit decided: a connection with a limit of its own has nothing left, or more than half of those that share one. That a few of these have
 * had more than others, and are done, leaves the rest all that is allowed.
 */
async function findIdle(postgres: BenchPostgres, url: string): Promise<string[]> {
  const rows = await postgres.query<{ index: number }>(
    url,
    `select split_part(b.connection, '-', 2)::integer as index from belay.mailbox b
     where b.connection like 'limited-%' and not exists (select from belay.message m where m.tenant = b.tenant and m.mailbox = b.id)`,
  );
  const idle = Map.groupBy(rows, ({ index }) => countedBy(index).connector);
  return counted.flatMap(({ connector, scope, connections }) =>
    (idle.get(connector)?.length ?? 0) > (scope === "app" ? connections / 2 : 0) ? [connector] : [],
  );
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
