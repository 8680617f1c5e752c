import { mkdirSync, writeFileSync } from "node:fs";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { ingressJobs } from "../../packages/server/src/ingress/index.ts";
import { mailboxJobs } from "../../packages/server/src/mailbox/index.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { type LoadFigures, startBelayPart, startLoad, startReceiver, untilReceived } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { plotLines } from "./plot.ts";

const rate = 1_000;
const dayMs = 86_400_000;
/** Belay's clock moves on by a day each minute; one day of history is kept. */
const secondsPerDay = 60;
/** The last third must not be larger than the middle one by more than this. */
const levelled = 1.1;
const plotFile = new URL("../../docs/bench/growth.svg", import.meta.url);

interface Sample {
  readonly minute: number;
  readonly bytes: Readonly<Record<string, number>>;
}

/** A thousand events a second for ten minutes that are ten days to Belay: tables and indexes have to stop growing. Writes the plot in `docs/bench/`. */
export async function benchGrowth(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const days = options.quick ? 3 : 10;
  await using postgres = await startBenchPostgres();
  await using receiver = await startReceiver();
  await using load = await startLoad();
  const url = await postgres.create("growth");
  const samples: Sample[] = [];
  const startedAt = performance.now();
  let accepted = 0;
  for (let day = 0; day < days; day += 1) {
    await using belay = await startBelayPart(receiver.ready.url, 10, url, { clockOffsetMs: day * dayMs });
    await keepOneDay(url, day * dayMs);
    const sending = load.ask<LoadFigures>({
      url: belay.ready.url,
      mailboxes: 10,
      bytes: 1_000,
      connections: 128,
      rate,
      events: rate * secondsPerDay,
    });
    const timer = setInterval(() => {
      sample(postgres, url, (performance.now() - startedAt) / 60_000).then(
        (taken) => samples.push(taken),
        (error: unknown) => say(`no sample: ${String(error)}`),
      );
    }, 5_000);
    accepted += (await sending).accepted;
    await untilReceived(receiver, accepted);
    clearInterval(timer);
    const last = samples.at(-1);
    say(`day ${day + 1} of ${days}: ${last === undefined ? "" : Math.round(total(last) / 1_048_576)} MB`);
  }
  const third = Math.floor(samples.length / 3);
  const sizeOf = (part: readonly Sample[]): number => Math.max(...part.map(total)) / 1_048_576;
  const middle = sizeOf(samples.slice(third, 2 * third));
  const end = sizeOf(samples.slice(2 * third));
  if (!options.quick) draw(samples);
  const figures = {
    events: accepted,
    days,
    middleMb: Math.round(middle),
    endMb: Math.round(end),
    growthRatio: Math.round((end / middle) * 1_000) / 1_000,
  };
  // A quick run is over before the first day is dropped; it shows that the measurement works.
  const violations = !options.quick && figures.growthRatio > levelled ? [`growthRatio is ${figures.growthRatio}, above ${levelled}.`] : [];
  return { figures, violations };
}

async function keepOneDay(url: string, clockOffsetMs: number): Promise<void> {
  await using database = openDatabase({ kind: "postgres", url, connections: 1, clockOffsetMs });
  // What runs every hour by the machine's clock, which does not move on by a day each minute.
  for (const job of [...mailboxJobs(database.db, { historyDays: 1 }), ...ingressJobs(database.db)]) await job.run();
}

async function sample(postgres: BenchPostgres, url: string, minute: number): Promise<Sample> {
  const rows = await postgres.query<{ name: string; bytes: string }>(
    url,
    `select regexp_replace(relname, '^history_.*$', 'history') as name, sum(pg_total_relation_size(oid))::text as bytes
     from pg_class where relnamespace = 'belay'::regnamespace and relkind = 'r' group by 1`,
  );
  return { minute, bytes: Object.fromEntries(rows.map(({ name, bytes }) => [name, Number(bytes)])) };
}

function total({ bytes }: Sample): number {
  return Object.values(bytes).reduce((sum, value) => sum + value, 0);
}

function draw(samples: readonly Sample[]): void {
  const names = ["history", "message", "mailbox", "dedupe"];
  const lines = [
    { name: "all tables", points: samples.map((taken): [number, number] => [taken.minute, total(taken) / 1_048_576]) },
    ...names.map((name) => ({
      name,
      points: samples.map(({ minute, bytes }): [number, number] => [minute, (bytes[name] ?? 0) / 1_048_576]),
    })),
  ];
  mkdirSync(new URL(".", plotFile), { recursive: true });
  writeFileSync(
    plotFile,
    plotLines("1,000 events/s, one day of history kept, a day passes each minute", { x: "minutes", y: "MB with indexes" }, lines),
  );
}
