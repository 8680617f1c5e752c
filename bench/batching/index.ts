import type { CommandOptions, Report } from "@belay/testkit/report";
import { type LoadFigures, startBelayPart, startLoad, type Load } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import type { Safety } from "./belay.config.ts";
import { type Provider, startProvider } from "./provider.ts";

/** A call takes 100; a twentieth more calls than that are allowed. */
const itemsPerCall = 100;
const callsAllowed = 1.05;
const config = new URL("./belay.config.ts", import.meta.url).href;
const leaseMs = 3_000;
const longestMs = 120_000;

interface Ended {
  readonly letters: readonly { readonly name: string; readonly code: string }[];
  readonly delivered: number;
}

/**
 * Writes that wait, to an endpoint that takes 100 a call. First as they are: how many calls it takes, and what three bad ones cost the others. Then with the worker killed in the
 * middle, once at a provider that remembers a key of each item, once at one where records are looked for: each has to be there once.
 */
export async function benchBatching(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const writes = options.quick ? 2_000 : 10_000;
  const killedWrites = options.quick ? 1_000 : 4_000;
  await using postgres = await startBenchPostgres();
  await using load = await startLoad();
  const calm = await writeAll(postgres, load, { safety: "itemKey", writes, bad: true, say });
  say(`${writes} writes in ${calm.calls} calls, ${calm.letters.map(({ code }) => code).join(", ")}`);
  const keyed = await writeAll(postgres, load, { safety: "itemKey", writes: killedWrites, kill: true, say });
  say(`killed, with keys: ${keyed.doubled} doubled, ${keyed.lost} lost`);
  const looked = await writeAll(postgres, load, { safety: "readBack", writes: killedWrites, kill: true, say });
  say(`killed, looking: ${looked.doubled} doubled, ${looked.lost} lost`);
  const all = [calm, keyed, looked];
  const sum = (figure: (one: Outcome) => number): number => all.reduce((total, one) => total + figure(one), 0);
  const figures = {
    writes,
    calls: calm.calls,
    badItems: calm.letters.length,
    doubled: sum(({ doubled }) => doubled),
    lost: sum(({ lost }) => lost),
    perSecond: Math.round(writes / calm.seconds),
    killedWrites: killedWrites * 2,
    callsAfterKills: keyed.calls + looked.calls,
  };
  return { figures, violations: judge(figures, all) };
}

interface Outcome extends Ended {
  readonly calls: number;
  readonly doubled: number;
  readonly lost: number;
  readonly seconds: number;
  /** Names that were to become dead letters, with the reason of each. */
  readonly bad: Readonly<Record<string, string>>;
}

interface Run {
  readonly safety: Safety;
  readonly writes: number;
  readonly bad?: boolean;
  readonly kill?: boolean;
  readonly say: (status: string) => void;
}

async function writeAll(postgres: BenchPostgres, load: Load, { safety, writes, bad = false, kill = false, say }: Run): Promise<Outcome> {
  const url = await postgres.create(`batching_${safety}_${kill ? "killed" : "calm"}`.toLowerCase());
  process.env["BENCH_SAFETY"] = safety;
  const names = await takeIn(postgres, load, url, writes);
  const [first = "", second = "", third = ""] = bad ? [names[137], names[Math.floor(writes / 2)], names.at(-1)] : [];
  await using provider = await startProvider(safety, (name) => [first, second].includes(name), bad ? [third] : []);
  const startedAt = performance.now();
  const work = (): ReturnType<typeof startBelayPart> => startBelayPart(provider.url, 1, url, { roles: ["worker"], config, leaseMs });
  if (kill) await killInTheMiddle(await work(), provider, writes);
  await using worker = await work();
  const ended = await untilEnded(postgres, url, writes);
  const seconds = (performance.now() - startedAt) / 1_000;
  await worker[Symbol.asyncDispose]();
  const { doubled, different } = provider.count();
  const letters = ended.letters.length;
  say(`${safety}: ${ended.delivered} delivered, ${letters} dead letters, ${different} records, ${provider.calls()} calls`);
  return {
    ...ended,
    calls: provider.calls(),
    doubled,
    lost: writes - letters - different,
    seconds,
    bad: bad ? { [first]: "SINK_NAME_BAD", [second]: "SINK_NAME_BAD", [third]: "SINK_NAME_TAKEN" } : {},
  };
}

/** Takes the events in by a process that does nothing else, so that all of them wait. Their names in the order of their ids. */
async function takeIn(postgres: BenchPostgres, load: Load, url: string, writes: number): Promise<readonly string[]> {
  await using ingest = await startBelayPart("http://127.0.0.1:1", 1, url, { roles: ["ingest"], config });
  const order = { url: ingest.ready.url, events: writes, mailboxes: 1, bytes: 300, connections: 64, rate: 0 };
  const { accepted } = await load.ask<LoadFigures>(order);
  if (accepted !== writes) throw new Error(`Of ${writes} events ${accepted} were accepted.`);
  const rows = await postgres.query<{ event_key: string }>(url, "select event_key from belay.message order by id");
  return rows.map(({ event_key }) => event_key);
}

async function killInTheMiddle(worker: Awaited<ReturnType<typeof startBelayPart>>, provider: Provider, writes: number): Promise<void> {
  await until(() => Promise.resolve(provider.taken() >= writes / 2), "the provider had half of the writes");
  await worker.kill();
}

async function untilEnded(postgres: BenchPostgres, url: string, writes: number): Promise<Ended> {
  let waiting = writes;
  await until(async () => {
    const [row] = await postgres.query<{ count: string }>(url, "select count(*) as count from belay.message");
    waiting = Number(row?.count);
    return waiting === 0;
  }, "nothing waited any more");
  const letters = await postgres.query<{ name: string; code: string }>(url, "select event_key as name, code from belay.dead_letter");
  return { letters, delivered: writes - waiting - letters.length };
}

async function until(reached: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpAt = performance.now() + longestMs;
  while (!(await reached())) {
    if (performance.now() > giveUpAt) throw new Error(`It took more than ${longestMs / 1_000} s until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function judge(figures: Readonly<Record<"writes" | "calls" | "doubled" | "lost", number>>, all: readonly Outcome[]): string[] {
  const violations: string[] = [];
  const most = Math.ceil((figures.writes / itemsPerCall) * callsAllowed);
  if (figures.calls > most) violations.push(`${figures.writes} writes took ${figures.calls} calls, above ${most}.`);
  if (figures.doubled > 0) violations.push(`${figures.doubled} records are there twice.`);
  if (figures.lost !== 0) violations.push(`${figures.lost} writes neither arrived nor became dead letters.`);
  for (const { letters, bad } of all) {
    const found = Object.fromEntries(letters.map(({ name, code }) => [name, code]));
    for (const name of new Set([...Object.keys(found), ...Object.keys(bad)])) {
      if (found[name] !== bad[name])
        violations.push(`${name} ended as ${found[name] ?? "delivered"} instead of ${bad[name] ?? "delivered"}.`);
    }
  }
  return violations;
}
