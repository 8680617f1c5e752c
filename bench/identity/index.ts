import type { CommandOptions, Report } from "@belay/testkit/report";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { type Part, startPart } from "../support/part.ts";
import { serverOptions } from "../support/server-options.ts";
import type { Asked, Walked } from "../sync/questions.ts";

/** A record among very many costs at most so many times what one among few costs. */
const mostGrowth = 1.3;

/**
 * What it costs to find out of each record whether another connection has the thing already: two systems have the same people, and are read at the same time. Among few records and
 * among many; all must be linked, and none doubled.
 */
export async function benchIdentity(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const [few, many] = options.quick ? [2_000, 20_000] : [10_000, 100_000];
  await using postgres = await startBenchPostgres();
  await using provider = await startPart<{ url: string }>(new URL("../sync/provider.ts", import.meta.url));
  const one = await measure(postgres, provider, few);
  say(`${few} people: ${one.perSecond} records/s, ${one.things} things`);
  const other = await measure(postgres, provider, many);
  say(`${many} people: ${other.perSecond} records/s, ${other.things} things`);
  const growthRatio = Math.round((one.perSecond / other.perSecond) * 100) / 100;
  const violations = [
    ...[one, other].flatMap(({ people, things }) => (things === people ? [] : [`${people} people became ${things} things.`])),
    ...(growthRatio > mostGrowth ? [`growthRatio is ${growthRatio}, above ${mostGrowth}.`] : []),
  ];
  return {
    figures: { people: many, things: other.things, growthRatio, perSecond: other.perSecond, fewPerSecond: one.perSecond },
    violations,
  };
}

interface Measured {
  readonly people: number;
  readonly things: number;
  readonly perSecond: number;
}

async function measure(postgres: BenchPostgres, provider: Part<{ url: string }>, people: number): Promise<Measured> {
  await provider.ask({ records: people });
  const url = await postgres.create(`identity_${people}`);
  const config = new URL("./belay.config.ts", import.meta.url).href;
  let tookMs = 0;
  await using belay = await startPart<object>(
    new URL("../sync/belay.ts", import.meta.url),
    [provider.ready.url, url, config],
    serverOptions,
  );
  for (const system of ["crm", "desk"]) {
    const { state, created, tookMs: took } = await belay.ask<Walked>({ sync: system, connection: `acme-${system}` } satisfies Asked);
    if (state !== "complete" || created !== people)
      throw new Error(`The walk of ${system} is ${state} with ${created} of ${people} records.`);
    // Both begin when Belay does.
    tookMs = Math.max(tookMs, took);
  }
  const [row] = await postgres.query<{ things: string }>(url, "select count(distinct id) as things from belay.record");
  return { people, things: Number(row?.things), perSecond: Math.round((2_000 * people) / tookMs) };
}
