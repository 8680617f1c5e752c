import type { CommandOptions, Report } from "@belay/testkit/report";
import { startBenchPostgres } from "../support/database.ts";
import { median } from "../support/median.ts";
import { type Part, startPart } from "../support/part.ts";
import { serverOptions } from "../support/server-options.ts";

/** What the caller is to do. */
export interface ProxyOrder {
  readonly kind: "small" | "download" | "upload";
  readonly url: string;
  readonly requests: number;
  readonly connections: number;
  /** Length of a large body. */
  readonly bytes: number;
}

/** What came of it: requests a second, or MB a second of a large body. */
export interface ProxyLoad {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly bytes: number;
}

type Subject = Part<{ readonly url: string }>;
type Load = Part<{ readonly ready: true }>;

/** Limits of the issue this benchmark answers, against the pass-through in the same run. Memory is Belay's at its most, while a gigabyte passes each way. */
const limits = { addedP50Ms: 2, ratio: 0.5, rssMb: 350 };

interface Sizes {
  readonly rounds: number;
  readonly requests: number;
  readonly latencyRequests: number;
  readonly bytes: number;
}

const full: Sizes = { rounds: 5, requests: 20_000, latencyRequests: 4_000, bytes: 1024 ** 3 };
const quick: Sizes = { rounds: 3, requests: 4_000, latencyRequests: 1_000, bytes: 128 * 1024 ** 2 };
const connections = 64;

const here = (file: string): URL => new URL(file, import.meta.url);

/**
 * The proxy: requests of a kilobyte through Belay and through a pass-through that checks nothing, in interleaved rounds; medians of the rounds' ratios. Then a gigabyte
 * each way. Caller and far end are processes of their own on the same cores.
 */
export async function benchProxy(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const sizes = options.quick ? quick : full;
  await using postgres = await startBenchPostgres();
  await using far = await startPart<{ url: string }>(here("far-end.ts"));
  await using load = await startPart<{ ready: true }>(here("load.ts"));
  await using bare = await startPart<{ url: string }>(here("pass-through.ts"), [far.ready.url], serverOptions);
  await using belay = await startPart<{ url: string }>(here("belay.ts"), [far.ready.url, await postgres.create("proxy")], serverOptions);
  const smalls = await measureSmall(sizes, load, bare, belay, say);
  const larges = await measureLarge(sizes, load, belay, say);
  const figures = { ...smalls, ...larges };
  const violations = [
    ...(figures.addedP50Ms <= limits.addedP50Ms ? [] : [`addedP50Ms is ${figures.addedP50Ms}, above ${limits.addedP50Ms}.`]),
    ...(figures.ratio >= limits.ratio ? [] : [`ratio is ${figures.ratio}, below ${limits.ratio}.`]),
    ...(figures.rssMb <= limits.rssMb ? [] : [`rssMb is ${figures.rssMb}, above ${limits.rssMb}.`]),
  ];
  return { figures, violations };
}

async function measureSmall(
  { rounds, requests, latencyRequests }: Sizes,
  load: Load,
  bare: Subject,
  belay: Subject,
  say: (status: string) => void,
) {
  const ask = (subject: Subject, count: number, callers: number): Promise<ProxyLoad> =>
    load.ask<ProxyLoad>({ kind: "small", url: subject.ready.url, requests: count, connections: callers, bytes: 0 } satisfies ProxyOrder);
  for (const subject of [bare, belay]) await ask(subject, Math.ceil(requests / 2), connections);
  const rates: { bare: number; belay: number }[] = [];
  const latencies: { bare: number; belay: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const rate = { bare: (await ask(bare, requests, connections)).perSecond, belay: (await ask(belay, requests, connections)).perSecond };
    // One at a time: what one call takes, not how long it waits for others.
    const latency = { bare: (await ask(bare, latencyRequests, 1)).p50Ms, belay: (await ask(belay, latencyRequests, 1)).p50Ms };
    rates.push(rate);
    latencies.push(latency);
    say(
      `round ${round} of ${rounds}: pass-through ${Math.round(rate.bare)}/s, p50 ${round3(latency.bare)} ms; Belay ${Math.round(rate.belay)}/s, p50 ${round3(latency.belay)} ms`,
    );
  }
  return {
    passThroughPerSecond: Math.round(median(rates.map((rate) => rate.bare))),
    perSecond: Math.round(median(rates.map((rate) => rate.belay))),
    ratio: round3(median(rates.map((rate) => rate.belay / rate.bare))),
    passThroughP50Ms: round3(median(latencies.map((latency) => latency.bare))),
    p50Ms: round3(median(latencies.map((latency) => latency.belay))),
    addedP50Ms: round3(median(latencies.map((latency) => latency.belay - latency.bare))),
  };
}

async function measureLarge({ bytes }: Sizes, load: Load, belay: Subject, say: (status: string) => void) {
  const rssBeforeMb = belay.rssMb();
  let rssMb = rssBeforeMb;
  const watching = setInterval(() => (rssMb = Math.max(rssMb, belay.rssMb())), 50);
  const ask = async (kind: "download" | "upload"): Promise<number> => {
    const answer = await load.ask<ProxyLoad>({ kind, url: belay.ready.url, requests: 1, connections: 1, bytes } satisfies ProxyOrder);
    if (answer.bytes !== bytes) throw new Error(`Of ${bytes} bytes ${answer.bytes} came through a ${kind}.`);
    say(`${kind} of ${Math.round(bytes / 1024 ** 2)} MB: ${Math.round(answer.perSecond)} MB/s, memory at most ${rssMb} MB`);
    return Math.round(answer.perSecond);
  };
  try {
    const [downloadMbPerSecond, uploadMbPerSecond] = [await ask("download"), await ask("upload")];
    return { downloadMbPerSecond, uploadMbPerSecond, rssBeforeMb, rssMb };
  } finally {
    clearInterval(watching);
  }
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
