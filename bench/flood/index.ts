import type { CommandOptions, Report } from "@belay/testkit/report";
import { endpointOf } from "../pipeline/belay.config.ts";
import { type LoadFigures, startBelayPart, startLoad, startReceiver, untilReceived } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { median } from "../support/median.ts";
import { startPart } from "../support/part.ts";

const trueRate = 100;
const forgedRate = 1_000;
/** Connections that strangers hold without coming to the end of a request. */
const held = 500;
const worstRatio = 2;
/** Below this a ratio says nothing: it is the noise of the machine. */
const noiseMs = 20;
/** What is counted is written down once a minute, whatever was counted. */
const mostWritesPerForged = 0.01;

/**
 * Ten forged webhooks for each true one, some of them large, and hundreds of connections that are only held, in rounds with and without: what they cost the database in rows
 * written, and what they do to the p99 of the true ones.
 */
export async function benchFlood(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const seconds = options.quick ? 10 : 20;
  await using postgres = await startBenchPostgres();
  await using receiver = await startReceiver();
  await using load = await startLoad();
  await using stranger = await startPart<{ ready: true }>(new URL("./load.ts", import.meta.url));
  const url = await postgres.create("flood");
  await using belay = await startBelayPart(receiver.ready.url, 10, url);
  const run = async (withFlood: boolean): Promise<{ p99: number; writes: number; statuses: Record<string, number> }> => {
    await receiver.ask({ ask: "reset" });
    const before = await countWrites(postgres, url);
    const order = { url: belay.ready.url, endpoint: endpointOf(0), rate: forgedRate, seconds, held };
    const flood = withFlood ? stranger.ask<{ statuses: Record<string, number> }>(order) : undefined;
    const orderOfTrue = { url: belay.ready.url, events: trueRate * seconds, mailboxes: 10, bytes: 1_000, connections: 64, rate: trueRate };
    const { accepted } = await load.ask<LoadFigures>(orderOfTrue);
    const { p99 } = await untilReceived(receiver, accepted);
    const statuses = (await flood)?.statuses ?? {};
    return { p99, writes: (await countWrites(postgres, url)) - before, statuses };
  };
  await run(false);
  const idle: { p99: number; writes: number }[] = [];
  const flooded: Awaited<ReturnType<typeof run>>[] = [];
  for (let round = 1; round <= (options.quick ? 1 : 3); round += 1) {
    idle.push(await run(false));
    flooded.push(await run(true));
    say(
      `round ${round}: p99 ${idle.at(-1)?.p99} ms alone, ${flooded.at(-1)?.p99} ms under the flood; ${JSON.stringify(flooded.at(-1)?.statuses)}`,
    );
  }
  const idleP99Ms = median(idle.map(({ p99 }) => p99));
  const floodedP99Ms = median(flooded.map(({ p99 }) => p99));
  const extraWrites = median(flooded.map(({ writes }, index) => writes - (idle[index]?.writes ?? 0)));
  const figures = {
    idleP99Ms,
    floodedP99Ms,
    p99Ratio: round2(Math.max(noiseMs, floodedP99Ms) / Math.max(noiseMs, idleP99Ms)),
    writesPerForged: Math.max(0, Math.round((extraWrites / (forgedRate * seconds)) * 10_000) / 10_000),
    believed: flooded.reduce((sum, { statuses }) => sum + (statuses["202"] ?? 0), 0),
    unanswered: flooded.reduce((sum, { statuses }) => sum + (statuses["none"] ?? 0), 0),
  };
  const violations: string[] = [];
  if (figures.p99Ratio > worstRatio) violations.push(`p99Ratio is ${figures.p99Ratio}, above ${worstRatio}.`);
  if (figures.writesPerForged > mostWritesPerForged)
    violations.push(`writesPerForged is ${figures.writesPerForged}, above ${mostWritesPerForged}.`);
  if (figures.believed > 0) violations.push(`${figures.believed} forged webhooks were believed.`);
  return { figures, violations };
}

/** Rows written in a database since it was made. Sessions tell what they did a second after it at the latest. */
async function countWrites(postgres: BenchPostgres, url: string): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  const [row] = await postgres.query<{ writes: string }>(
    url,
    "select sum(n_tup_ins + n_tup_upd + n_tup_del)::text as writes from pg_stat_all_tables where schemaname = 'belay'",
  );
  return Number(row?.writes ?? 0);
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
