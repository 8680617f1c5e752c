import type { CommandOptions, Report } from "@belay/testkit/report";
import { setTimeout as sleep } from "node:timers/promises";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { type Part, startPart } from "../support/part.ts";
import { serverOptions } from "../support/server-options.ts";
import type { Asked, Walked } from "../sync/questions.ts";
import type { Answer, Question } from "./questions.ts";

/** A person among very many costs at most so many times what one among few costs. */
const mostGrowth = 1.3;
const mostWaitMs = 1_200_000;
const edits = 200;

/**
 * What two systems that are kept equal cost: people that only one has are made at the other, then some are changed at each. Among few people and among many; both have to end equal, by
 * one request for each thing that was to be done, and nothing more is written then.
 */
export async function benchTwoWay(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const [few, many] = options.quick ? [500, 2_000] : [2_000, 20_000];
  await using postgres = await startBenchPostgres();
  await using provider = await startPart<{ url: string }>(new URL("./provider.ts", import.meta.url));
  const one = await measure(postgres, provider, few, say);
  const other = await measure(postgres, provider, many, say);
  const growthRatio = Math.round((one.createdPerSecond / other.createdPerSecond) * 100) / 100;
  const violations = [
    ...[one, other].flatMap(({ people, tooMany }) =>
      tooMany === 0 ? [] : [`${tooMany} requests too many, or too few, among ${people} people.`],
    ),
    ...(growthRatio > mostGrowth ? [`growthRatio is ${growthRatio}, above ${mostGrowth}.`] : []),
  ];
  const { createdPerSecond, editsSeconds, tooMany } = other;
  return {
    figures: { people: many, createdPerSecond, growthRatio, edits, editsSeconds, fewEditsSeconds: one.editsSeconds, tooMany },
    violations,
  };
}

interface Measured {
  readonly people: number;
  readonly createdPerSecond: number;
  /** Until both sides had all changes, the walks through everything among it. */
  readonly editsSeconds: number;
  readonly tooMany: number;
}

type Provider = Part<{ url: string }>;

async function measure(postgres: BenchPostgres, provider: Provider, people: number, say: (status: string) => void): Promise<Measured> {
  await provider.ask<Answer>({ fill: people } satisfies Question);
  const url = await postgres.create(`two_way_${people}`);
  const config = new URL("./belay.config.ts", import.meta.url).href;
  await using belay = await startPart<object>(
    new URL("../sync/belay.ts", import.meta.url),
    [provider.ready.url, url, config],
    serverOptions,
  );
  const createMs = await timeUntilEqual(provider);
  say(`${people} people created in ${seconds(createMs)} s`);
  await walkBoth(belay);
  await provider.ask<Answer>({ edit: edits } satisfies Question);
  const startedAt = performance.now();
  await walkBoth(belay);
  await timeUntilEqual(provider);
  const editMs = performance.now() - startedAt;
  // What was written is seen, and nothing comes of it.
  await walkBoth(belay);
  await walkBoth(belay);
  const { writes, differing } = await provider.ask<Answer>({});
  say(`${edits} changed in ${seconds(editMs)} s; ${writes} requests, ${differing} differ`);
  return {
    people,
    createdPerSecond: Math.round((people * 1_000) / createMs),
    editsSeconds: seconds(editMs),
    tooMany: Math.abs(writes - people - edits) + differing,
  };
}

async function walkBoth(belay: Part<object>): Promise<void> {
  for (const id of ["a", "b"]) await belay.ask<Walked>({ sync: id, connection: `acme-${id}` } satisfies Asked);
}

async function timeUntilEqual(provider: Provider): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { differing } = await provider.ask<Answer>({});
    const tookMs = performance.now() - startedAt;
    if (differing === 0) return tookMs;
    if (tookMs > mostWaitMs) throw new Error(`${differing} people still differ after ${seconds(tookMs)} s.`);
    await sleep(200);
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}
