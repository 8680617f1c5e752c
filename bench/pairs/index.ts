import type { CommandOptions, Report } from "@belay/testkit/report";
import { type Load, type Receiver, sendThrough, startBelayAt, startLoad, startReceiver, type Subject } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { median } from "../support/median.ts";
import { type BaseTree, unpackBase } from "./base-tree.ts";

/** How much of the base's throughput has to be left. */
const limits = { hotOfBase: 0.85, manyOfBase: 0.85 };
const connections = 128;

export const pairsOptions = { base: "string", rounds: "number" } as const;
export interface PairsOptions extends CommandOptions {
  /** The commit to compare with, as git takes it. */
  readonly base?: string;
  /** Default: 5; 2 with `--quick`. */
  readonly rounds?: number;
}

const shapes = [
  { name: "hot", mailboxes: 1 },
  { name: "many", mailboxes: 1_000 },
] as const;

interface Sample {
  readonly perSecond: number;
  /** Of the whole process, so that a neighbour on the machine weighs less than in what passes per second. */
  readonly cpuUs: number;
}

/**
 * What a change costs: the files as they are against an earlier commit, in interleaved pairs of the pipeline bench with one sender, one receiver and one PostgreSQL. Which of a pair
 * goes first changes from round to round; the ratios are those of pairs.
 */
export async function benchPairs(options: PairsOptions, say: (status: string) => void): Promise<Report> {
  if (options.base === undefined) throw new Error("Which commit to compare with? --base <commit>");
  const rounds = options.rounds ?? (options.quick ? 2 : 5);
  const events = options.quick ? 4_000 : 12_000;
  await using base = await unpackBase(options.base);
  say(`base ${base.commit}${base.sameDependencies ? "" : ", with the packages of this tree (its own were others)"}`);
  await using postgres = await startBenchPostgres();
  await using receiver = await startReceiver();
  await using load = await startLoad();
  const figures: Record<string, number> = {};
  for (const shape of shapes) Object.assign(figures, await comparePair({ base, postgres, receiver, load, rounds, events, shape, say }));
  const violations: string[] = [];
  for (const [name, limit] of Object.entries(limits)) {
    const figure = figures[name] ?? Number.NaN;
    if (!(figure >= limit)) violations.push(`${name} is ${figure}, below ${limit}.`);
  }
  return { figures, violations };
}

interface Pair {
  readonly base: BaseTree;
  readonly postgres: BenchPostgres;
  readonly receiver: Receiver;
  readonly load: Load;
  readonly rounds: number;
  readonly events: number;
  readonly shape: (typeof shapes)[number];
  readonly say: (status: string) => void;
}

async function comparePair({ base, postgres, receiver, load, rounds, events, shape, say }: Pair): Promise<Record<string, number>> {
  const { name, mailboxes } = shape;
  const target = receiver.ready.url;
  await using before = await startBelayAt(base.root, target, mailboxes, await postgres.create(`${name}_before`));
  await using after = await startBelayAt(new URL("../../", import.meta.url), target, mailboxes, await postgres.create(`${name}_after`));
  const measure = async (subject: Subject, count: number): Promise<Sample> => {
    const cpuMs = subject.cpuMs();
    const { perSecond } = await sendThrough(load, receiver, {
      url: subject.ready.url,
      events: count,
      mailboxes,
      bytes: 1_000,
      connections,
      rate: 0,
    });
    return { perSecond, cpuUs: Math.round(((subject.cpuMs() - cpuMs) * 1_000) / count) };
  };
  say(`warming up ${name}`);
  for (const subject of [before, after]) await measure(subject, events / 2);
  const pairs: { readonly before: Sample; readonly after: Sample }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const isBaseFirst = round % 2 === 1;
    const first = await measure(isBaseFirst ? before : after, events);
    const second = await measure(isBaseFirst ? after : before, events);
    const pair = isBaseFirst ? { before: first, after: second } : { before: second, after: first };
    pairs.push(pair);
    say(
      `round ${round} of ${rounds}, ${name}: ${pair.before.perSecond}/s and ${pair.before.cpuUs} µs of CPU an event before, ${pair.after.perSecond}/s and ${pair.after.cpuUs} µs now`,
    );
  }
  const medianOf = (pick: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(pick));
  return {
    [`${name}BasePerSecond`]: medianOf((pair) => pair.before.perSecond),
    [`${name}PerSecond`]: medianOf((pair) => pair.after.perSecond),
    [`${name}OfBase`]: round3(medianOf((pair) => pair.after.perSecond / pair.before.perSecond)),
    [`${name}BaseCpuUs`]: medianOf((pair) => pair.before.cpuUs),
    [`${name}CpuUs`]: medianOf((pair) => pair.after.cpuUs),
  };
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
