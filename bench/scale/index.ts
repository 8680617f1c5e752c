import type { CommandOptions, Report } from "@belay/testkit/report";
import { startBelayPart, type Subject } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { type Part, startPart } from "../support/part.ts";
import { type SeededMailbox, seedBacklog } from "../support/seed-backlog.ts";
import { measureClaims } from "./claim-cost.ts";

/** Limits of the issue this benchmark answers. */
const limits = { efficiency2: 0.9, efficiency4: 0.9, tenantCostRatio: 1.3, backlogCostRatio: 1.3 };
const answerMs = 50;
const inFlight = 16;
const mailboxCount = 64;

interface FarEndFigures {
  readonly counts: Readonly<Record<string, number>>;
}
type FarEnd = Part<{ readonly url: string }>;

/**
 * What further workers add while the provider is what takes time (answers after 50 ms, 16 messages in memory at each worker), and what it costs to find the next work: among
 * ten, a thousand and ten thousand tenants, and with ten thousand and ten million messages waiting.
 */
export async function benchScale(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const seconds = options.quick ? 8 : 20;
  await using postgres = await startBenchPostgres();
  const figures = {
    ...(await measureWorkers(postgres, seconds, say)),
    ...(await measureCosts(postgres, options.quick === true, say)),
  };
  const violations: string[] = [];
  for (const name of ["efficiency2", "efficiency4"] as const)
    if (!(figures[name] >= limits[name])) violations.push(`${name} is ${figures[name]}, below ${limits[name]}.`);
  for (const name of ["tenantCostRatio", "backlogCostRatio"] as const)
    if (!(figures[name] <= limits[name])) violations.push(`${name} is ${figures[name]}, above ${limits[name]}.`);
  return { figures, violations };
}

interface Efficiency {
  readonly perSecond1: number;
  readonly efficiency2: number;
  readonly efficiency4: number;
}

async function measureWorkers(postgres: BenchPostgres, seconds: number, say: (status: string) => void): Promise<Efficiency> {
  const files = new URL("../fairness/", import.meta.url);
  await using farEnd: FarEnd = await startPart(new URL("far-end.ts", files), [String(answerMs)]);
  const config = new URL("belay.config.ts", files).href;
  const url = await postgres.create("scale");
  const start = async (roles: readonly ("worker" | "web")[]): Promise<Subject> =>
    await startBelayPart(farEnd.ready.url, 1, url, { config, roles, dispatcher: { maxMessages: inFlight } });
  await (await start(["web"]))[Symbol.asyncDispose]();
  // The far end answers noisy tenants after its time.
  const mailboxes = Array.from({ length: mailboxCount }, (_, index): SeededMailbox => ({
    tenant: "noise-many",
    connection: `sink-noise-many-${index}`,
    lane: "event",
  }));
  await seedBacklog(postgres, url, mailboxes, Math.ceil((seconds * 7 * 1_000) / mailboxCount) * 3);
  const rates: number[] = [];
  const workers: Subject[] = [];
  try {
    for (const count of [1, 2, 4]) {
      while (workers.length < count) workers.push(await start(["worker"]));
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      await farEnd.ask({ ask: "reset" });
      const startedAt = performance.now();
      await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      const { counts } = await farEnd.ask<FarEndFigures>({ ask: "figures" });
      rates.push(((counts["noise-many"] ?? 0) * 1_000) / (performance.now() - startedAt));
      say(`${count} worker(s): ${Math.round(rates.at(-1) ?? 0)}/s`);
    }
  } finally {
    for (const worker of workers) await worker[Symbol.asyncDispose]();
  }
  const [one = Number.NaN, two = 0, four = 0] = rates;
  return { perSecond1: Math.round(one), efficiency2: round2(two / (2 * one)), efficiency4: round2(four / (4 * one)) };
}

interface Costs {
  readonly claimMs10: number;
  readonly claimMs10k: number;
  readonly tenantCostRatio: number;
  readonly backlogCostRatio: number;
}

async function measureCosts(postgres: BenchPostgres, isQuick: boolean, say: (status: string) => void): Promise<Costs> {
  const url = await postgres.create("costs");
  await (await startBelayPart("http://127.0.0.1:1", 1, url, { roles: ["web"] }))[Symbol.asyncDispose]();
  const rounds = isQuick ? 60 : 200;
  const measure = async (tenants: number, each: number, mailboxes = 1): Promise<number> => {
    const ms = await measureClaims(postgres, url, { tenants, mailboxes, each }, rounds);
    say(`${tenants} tenants, ${mailboxes} mailbox(es) each, ${each} messages in each: ${ms.toFixed(3)} ms a mailbox`);
    return ms;
  };
  const few = await measure(10, 10, 100);
  const many = await measure(1_000, 10);
  const most = await measure(10_000, 10);
  const small = await measure(1_000, 10);
  const large = await measure(1_000, isQuick ? 1_000 : 10_000);
  return {
    claimMs10: round3(few),
    claimMs10k: round3(most),
    tenantCostRatio: round2(Math.max(many, most) / few),
    backlogCostRatio: round2(large / small),
  };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

function round3(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
