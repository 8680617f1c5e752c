import type { CommandOptions, Report } from "@belay/testkit/report";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { median } from "../support/median.ts";
import { type Part, startPart } from "../support/part.ts";
import { serverOptions } from "../support/server-options.ts";
import type { Asked, Walked } from "./questions.ts";

/** At least so much of the bare loop's pace. */
const leastRatio = 0.4;
/** A walk that finds nothing new is at least so many times as fast as the first. */
const leastSpeedup = 2;
/** A record among very many costs at most so many times what one among few costs. */
const mostGrowth = 1.3;
const mostRssMb = 400;

const fewRecords = 10_000;

const contacts: Asked = { sync: "contacts", connection: "acme-crm" };

interface Sizes {
  /** In each of the pairs. */
  readonly pair: number;
  readonly pairs: number;
  /** In the long walk. */
  readonly many: number;
}

/**
 * How fast a sync is, compared with a loop that fetches the same pages and upserts them as raw JSON: in interleaved pairs, each on a database of its own. Then one long walk, for
 * memory and for whether a record among very many costs more, and the same again, when nothing has changed.
 */
export async function benchSync(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const sizes: Sizes = options.quick ? { pair: 10_000, pairs: 2, many: 20_000 } : { pair: 50_000, pairs: 5, many: 1_000_000 };
  await using postgres = await startBenchPostgres();
  await using provider = await startPart<{ url: string }>(new URL("./provider.ts", import.meta.url));
  const violations: string[] = [];
  const ratios: number[] = [];
  await provider.ask({ records: sizes.pair });
  for (let pair = 0; pair < sizes.pairs; pair += 1) {
    // Who begins has the colder caches: they take turns.
    const [first, second] = pair % 2 === 0 ? [measureBare, measureFirstWalk] : [measureFirstWalk, measureBare];
    const [one, other] = [
      await first(postgres, provider, `pair_${pair}_a`, sizes.pair),
      await second(postgres, provider, `pair_${pair}_b`, sizes.pair),
    ];
    const [bareMs, belayMs] = pair % 2 === 0 ? [one, other] : [other, one];
    ratios.push(bareMs / belayMs);
    say(`pair ${pair + 1}: bare ${pace(sizes.pair, bareMs)}, Belay ${pace(sizes.pair, belayMs)}, ratio ${(bareMs / belayMs).toFixed(2)}`);
  }
  await provider.ask({ records: fewRecords });
  const fewMs = await measureFirstWalk(postgres, provider, "few", fewRecords);
  say(`${fewRecords} records: ${pace(fewRecords, fewMs)}`);
  const long = await measureLong(postgres, provider, sizes.many, say);
  violations.push(...long.violations);
  const figures = {
    records: sizes.many,
    ratio: round(median(ratios)),
    resyncSpeedup: round(long.firstMs / long.againMs),
    growthRatio: round(long.firstMs / sizes.many / (fewMs / fewRecords)),
    rssMb: long.rssMb,
    perSecond: Math.round((sizes.many * 1_000) / long.firstMs),
    resyncPerSecond: Math.round((sizes.many * 1_000) / long.againMs),
  };
  if (figures.ratio < leastRatio) violations.push(`ratio is ${figures.ratio}, below ${leastRatio}.`);
  if (figures.resyncSpeedup < leastSpeedup) violations.push(`resyncSpeedup is ${figures.resyncSpeedup}, below ${leastSpeedup}.`);
  if (figures.growthRatio > mostGrowth) violations.push(`growthRatio is ${figures.growthRatio}, above ${mostGrowth}.`);
  if (figures.rssMb > mostRssMb) violations.push(`rssMb is ${figures.rssMb}, above ${mostRssMb}.`);
  return { figures, violations };
}

type Provider = Part<{ url: string }>;

async function measureBare(postgres: BenchPostgres, provider: Provider, name: string, records: number): Promise<number> {
  const url = await postgres.create(name);
  await using bare = await startPart(new URL("./bare.ts", import.meta.url), [provider.ready.url, url]);
  const done = await bare.ask<{ records: number; tookMs: number }>({});
  if (done.records !== records) throw new Error(`The bare loop took ${done.records} records of ${records}.`);
  return done.tookMs;
}

async function startBelay(postgres: BenchPostgres, provider: Provider, name: string): Promise<Part<object>> {
  return await startPart<object>(new URL("./belay.ts", import.meta.url), [provider.ready.url, await postgres.create(name)], serverOptions);
}

async function measureFirstWalk(postgres: BenchPostgres, provider: Provider, name: string, records: number): Promise<number> {
  await using belay = await startBelay(postgres, provider, name);
  return checked(await belay.ask<Walked>(contacts), { created: records }).tookMs;
}

interface Long {
  readonly firstMs: number;
  readonly againMs: number;
  readonly rssMb: number;
  readonly violations: readonly string[];
}

async function measureLong(postgres: BenchPostgres, provider: Provider, records: number, say: (status: string) => void): Promise<Long> {
  await provider.ask({ records });
  const url = await postgres.create("many");
  await using belay = await startPart<object>(new URL("./belay.ts", import.meta.url), [provider.ready.url, url], serverOptions);
  let rssMb = 0;
  const timer = setInterval(() => (rssMb = Math.max(rssMb, belay.rssMb())), 200);
  try {
    const first = checked(await belay.ask<Walked>(contacts), { created: records });
    say(`first walk of ${records}: ${pace(records, first.tookMs)}, ${rssMb} MB`);
    const again = checked(await belay.ask<Walked>(contacts), { unchanged: records });
    say(`again: ${pace(records, again.tookMs)}, ${rssMb} MB`);
    const [row] = await postgres.query<{ records: string; changes: string }>(
      url,
      "select (select count(*) from belay.record) as records, (select count(*) from belay.change) as changes",
    );
    const written = Number(row?.records) + Number(row?.changes);
    const violations = written === 2 * records ? [] : [`${written} rows were written for ${records} records.`];
    return { firstMs: first.tookMs, againMs: again.tookMs, rssMb, violations };
  } finally {
    clearInterval(timer);
  }
}

function checked(walk: Walked, expected: Partial<Walked>): Walked {
  const isRight = Object.entries(expected).every(([name, value]) => Reflect.get(walk, name) === value);
  if (walk.state !== "complete" || !isRight) throw new Error(`A walk ended otherwise than it should have: ${JSON.stringify(walk)}.`);
  return walk;
}

function pace(records: number, tookMs: number): string {
  return `${Math.round((records * 1_000) / tookMs)} records/s`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
