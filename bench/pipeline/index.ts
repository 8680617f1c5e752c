import type { CommandOptions, Report } from "@belay/testkit/report";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { median } from "../support/median.ts";
import { drainRate } from "./backlog.ts";
import {
  type Load,
  type Receiver,
  sendThrough,
  startBare,
  startBelayPart,
  startLoad,
  startPassThrough,
  startReceiver,
  type Subject,
  type Throughput,
} from "./parts.ts";

/** Limits of the issue this benchmark answers; ratios are against the pass-through in the same run. */
const limits = { hotRatio: 0.5, manyRatio: 0.4, p99Ms: 250, backlogCostRatio: 1.25, rssMb: 350 };

const connections = 128;

interface Sizes {
  readonly rounds: number;
  readonly events: number;
  readonly latencyEvents: number;
  readonly backlog: number;
  readonly smallBacklog: number;
  readonly drained: number;
}

const full: Sizes = { rounds: 5, events: 30_000, latencyEvents: 15_000, backlog: 1_000_000, smallBacklog: 10_000, drained: 4_000 };
const quick: Sizes = { rounds: 3, events: 6_000, latencyEvents: 3_000, backlog: 100_000, smallBacklog: 10_000, drained: 4_000 };

/**
 * The pipeline: an event of 1 KB from a provider's POST to its delivery at a target, through verify, commit, claim, worker thread, step, POST, settle. Compared with a
 * pass-through that stores nothing, in interleaved rounds; medians. Sender and receiver are processes of their own on the same two cores.
 */
export async function benchPipeline(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const sizes = options.quick ? quick : full;
  await using postgres = await startBenchPostgres();
  say(
    `PostgreSQL: ${Object.entries(postgres.durability)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
  );
  await using receiver = await startReceiver();
  await using load = await startLoad();
  const throughput = await measureThroughput(sizes, postgres, receiver, load, say);
  const backlog = await measureBacklog(sizes, postgres, receiver, say);
  const figures = { ...throughput, ...backlog };
  return { figures, violations: judge(figures) };
}

async function measureThroughput(
  sizes: Sizes,
  postgres: BenchPostgres,
  receiver: Receiver,
  load: Load,
  say: (status: string) => void,
): Promise<Record<string, number>> {
  const target = receiver.ready.url;
  await using bare = await startBare(target);
  await using passThrough = await startPassThrough(target);
  await using one = await startBelayPart(target, 1, await postgres.create("one"));
  await using thousand = await startBelayPart(target, 1_000, await postgres.create("thousand"));
  await using tenThousand = await startBelayPart(target, 10_000, await postgres.create("ten_thousand"));
  const run = (subject: Subject, mailboxes: number, events: number, bytes = 1_000): Promise<Throughput> =>
    sendThrough(load, receiver, { url: subject.ready.url, events, mailboxes, bytes, connections, rate: 0 });
  const subjects = [
    { name: "bare", run: (events: number) => run(bare, 1, events) },
    { name: "passThrough", run: (events: number) => run(passThrough, 1, events) },
    { name: "hot", run: (events: number) => run(one, 1, events) },
    { name: "many", run: (events: number) => run(thousand, 1_000, events) },
    { name: "tenThousand", run: (events: number) => run(tenThousand, 10_000, events) },
    { name: "passThrough15k", run: (events: number) => run(passThrough, 1, events / 3, 15_000) },
    { name: "hot15k", run: (events: number) => run(one, 1, events / 3, 15_000) },
  ] as const;
  const rates = new Map<string, number[]>(subjects.map(({ name }) => [name, []]));
  for (const { name, run: warmUp } of subjects) {
    say(`warming up ${name}`);
    await warmUp(Math.ceil(sizes.events / 3));
  }
  for (let round = 1; round <= sizes.rounds; round += 1) {
    for (const { name, run: measure } of subjects) {
      const { perSecond } = await measure(sizes.events);
      rates.get(name)?.push(perSecond);
      say(`round ${round} of ${sizes.rounds}: ${name} ${perSecond}/s`);
    }
  }
  say("500 a second");
  const latency = await sendThrough(load, receiver, {
    url: one.ready.url,
    events: sizes.latencyEvents,
    mailboxes: 1,
    bytes: 1_000,
    connections,
    rate: 500,
  });
  const rate = (name: string): number => median(rates.get(name) ?? []);
  // A ratio per round, then the median: what slowed the machine down for a while slowed both of a pair.
  const ratio = (name: string, of: string): number =>
    round3(median((rates.get(name) ?? []).map((value, index) => value / (rates.get(of)?.[index] ?? Number.NaN))));
  return {
    barePerSecond: rate("bare"),
    passThroughPerSecond: rate("passThrough"),
    passThroughOfBare: ratio("passThrough", "bare"),
    hotPerSecond: rate("hot"),
    hotRatio: ratio("hot", "passThrough"),
    manyPerSecond: rate("many"),
    manyRatio: ratio("many", "passThrough"),
    tenThousandPerSecond: rate("tenThousand"),
    tenThousandRatio: ratio("tenThousand", "passThrough"),
    hotPerSecond15k: rate("hot15k"),
    hotRatio15k: ratio("hot15k", "passThrough15k"),
    p50Ms: latency.p50,
    p99Ms: latency.p99,
    rssMb: Math.max(one.rssMb(), thousand.rssMb()),
  };
}

async function measureBacklog(
  sizes: Sizes,
  postgres: BenchPostgres,
  receiver: Receiver,
  say: (status: string) => void,
): Promise<Record<string, number>> {
  const target = receiver.ready.url;
  const url = await postgres.create("backlog");
  await (await startBelayPart(target, 1, url, { roles: ["web"] }))[Symbol.asyncDispose]();
  const ratios = new Map<number, number[]>([
    [1, []],
    [1_000, []],
  ]);
  for (let round = 1; round <= sizes.rounds; round += 1) {
    for (const [mailboxes, values] of ratios) {
      say(`backlog, round ${round}: ${mailboxes} mailbox(es)`);
      const small = await drainRate(postgres, receiver, { url, target, waiting: sizes.smallBacklog, mailboxes, measured: sizes.drained });
      const large = await drainRate(postgres, receiver, { url, target, waiting: sizes.backlog, mailboxes, measured: sizes.drained });
      values.push(small / large);
      say(
        `backlog, round ${round}: ${mailboxes} mailbox(es), ${Math.round(small)}/s of ${sizes.smallBacklog}, ${Math.round(large)}/s of ${sizes.backlog}`,
      );
    }
  }
  return { backlogCostRatio: round3(median(ratios.get(1) ?? [])), backlogCostRatioOfThousand: round3(median(ratios.get(1_000) ?? [])) };
}

function judge(figures: Record<string, number>): string[] {
  const at = (name: keyof typeof limits): number => figures[name] ?? Number.NaN;
  const violations: string[] = [];
  for (const name of ["hotRatio", "manyRatio"] as const)
    if (!(at(name) >= limits[name])) violations.push(`${name} is ${at(name)}, below ${limits[name]}.`);
  for (const name of ["p99Ms", "backlogCostRatio", "rssMb"] as const)
    if (!(at(name) <= limits[name])) violations.push(`${name} is ${at(name)}, above ${limits[name]}.`);
  return violations;
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
