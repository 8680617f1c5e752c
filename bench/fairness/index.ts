import type { CommandOptions, Report } from "@belay/testkit/report";
import { type LoadFigures, type ReceiverFigures, startBelayPart, startLoad, type Subject, untilReceived } from "../pipeline/parts.ts";
import { type BenchPostgres, startBenchPostgres } from "../support/database.ts";
import { type Part, startPart } from "../support/part.ts";
import { type SeededMailbox, seedBacklog } from "../support/seed-backlog.ts";
import { equals, manyConnections, sinkOf } from "./belay.config.ts";

/** Limits of the issue this benchmark answers. */
const limits = { quietP99OverBound: 1, interactiveP95Ms: 50, jain: 0.95 };
const quietRate = 50;
const interactiveRate = 10;
const slowMs = 2_000;
const proxiedMs = 20;

interface FarEndFigures extends ReceiverFigures {
  readonly counts: Readonly<Record<string, number>>;
}
type FarEnd = Part<{ readonly url: string }>;

interface Setting {
  readonly postgres: BenchPostgres;
  readonly url: string;
  readonly farEnd: FarEnd;
  readonly load: Awaited<ReturnType<typeof startLoad>>;
  readonly belay: Subject;
  readonly seconds: number;
  readonly dumped: number;
}

/**
 * What a quiet tenant and interactive calls notice while others dump: one connection a hundred thousand events, one tenant with five hundred connections as many, and a
 * backfill. The noise is bound by its provider, which takes two seconds for an answer. Then equal tenants, half of them with twenty connections, share what there is.
 */
export async function benchFairness(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const [seconds, dumped] = options.quick ? [10, 20_000] : [20, 100_000];
  await using postgres = await startBenchPostgres();
  await using farEnd: FarEnd = await startPart(new URL("./far-end.ts", import.meta.url), [String(slowMs), String(proxiedMs)]);
  await using load = await startLoad();
  const setting = { postgres, farEnd, load, seconds, dumped };
  const config = new URL("./belay.config.ts", import.meta.url).href;
  const noises: Readonly<Record<string, readonly SeededMailbox[]>> = {
    connection: [{ tenant: "noise-one", connection: sinkOf("noise-one", 0), lane: "event" }],
    tenant: Array.from({ length: manyConnections }, (_, index) => ({
      tenant: "noise-many",
      connection: sinkOf("noise-many", index),
      lane: "event",
    })),
    backfill: [{ tenant: "noise-backfill", connection: sinkOf("noise-backfill", 0), lane: "backfill" }],
  };
  const figures: Record<string, number> = { quietP99OverBound: 0, interactiveP95Ms: 0, jain: 0 };
  for (const [name, mailboxes] of Object.entries(noises)) {
    const url = await postgres.create(`fairness_${name}`);
    await using belay = await startBelayPart(farEnd.ready.url, 1, url, { config });
    const running: Setting = { ...setting, belay, url };
    await listen(running, 5);
    const idle = await listen(running, seconds);
    await seedBacklog(postgres, url, mailboxes, Math.ceil(dumped / mailboxes.length));
    // Until what it may have under way is under way.
    await listen(running, 5);
    const noisy = await listen(running, seconds);
    const bound = Math.max(2 * idle.p99, idle.p99 + 50);
    say(
      `${name}: p99 ${idle.p99} ms alone, ${noisy.p99} ms with it (${noisy.noise}/s of it); interactive p95 ${noisy.interactiveP95Ms} ms`,
    );
    figures[`${name}IdleP99Ms`] = idle.p99;
    figures[`${name}P99Ms`] = noisy.p99;
    figures[`${name}PerSecond`] = noisy.noise;
    figures["quietP99OverBound"] = Math.max(figures["quietP99OverBound"] ?? 0, round2(noisy.p99 / bound));
    figures["interactiveP95Ms"] = Math.max(figures["interactiveP95Ms"] ?? 0, noisy.interactiveP95Ms);
  }
  figures["jain"] = await shareAmongEquals({ ...setting, url: await postgres.create("fairness_equals") }, config, say);
  return { figures, violations: judge(figures) };
}

/** The quiet tenant's events and interactive calls for a while. */
async function listen(setting: Setting, seconds: number): Promise<{ p99: number; noise: number; interactiveP95Ms: number }> {
  const { farEnd, load, belay } = setting;
  await farEnd.ask({ ask: "reset" });
  const startedAt = performance.now();
  const calls = callOften(belay, seconds);
  const order = { url: belay.ready.url, events: quietRate * seconds, mailboxes: 1, bytes: 1_000, connections: 32, rate: quietRate };
  const { accepted } = await load.ask<LoadFigures>(order);
  await untilReceived(farEnd, accepted);
  const { p99, counts } = await farEnd.ask<FarEndFigures>({ ask: "figures" });
  const noisy = Object.entries(counts).reduce((sum, [tenant, count]) => sum + (tenant.startsWith("noise") ? count : 0), 0);
  const noise = Math.round((noisy * 1_000) / (performance.now() - startedAt));
  return { p99, noise, interactiveP95Ms: await calls };
}

/** Calls through the proxy, open loop. @returns the p95 of what they took beyond what the provider took, ms. */
async function callOften({ ready }: Subject, seconds: number): Promise<number> {
  const address = `${ready.url.replace(/\/in$/, "")}/v1/proxy/${sinkOf("quiet", 0)}/thing`;
  const call = async (): Promise<number> => {
    const startedAt = performance.now();
    const answer = await fetch(address, { headers: { authorization: "Bearer bench-bench-bench" }, signal: AbortSignal.timeout(10_000) });
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`A proxied call was answered with ${answer.status}.`);
    return performance.now() - startedAt - proxiedMs;
  };
  const calling: Promise<number>[] = [];
  for (let index = 0; index < seconds * interactiveRate; index += 1) {
    calling.push(call());
    await new Promise((resolve) => setTimeout(resolve, 1_000 / interactiveRate));
  }
  const sorted = (await Promise.all(calling)).toSorted((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length * 0.95)] ?? 0) * 10) / 10;
}

async function shareAmongEquals(
  { postgres, farEnd, url, seconds, dumped }: Omit<Setting, "belay" | "load">,
  config: string,
  say: (status: string) => void,
): Promise<number> {
  await using _schema = await startBelayPart(farEnd.ready.url, 1, url, { config, roles: ["web"] });
  for (let index = 0; index < equals; index += 1) {
    const tenant = `equal-${index}`;
    const count = index % 2 === 0 ? 20 : 1;
    const mailboxes = Array.from({ length: count }, (_, of): SeededMailbox => ({ tenant, connection: sinkOf(tenant, of), lane: "event" }));
    await seedBacklog(postgres, url, mailboxes, Math.ceil(dumped / count / 2));
  }
  await using _worker = await startBelayPart(farEnd.ready.url, 1, url, { config, roles: ["worker"] });
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  await farEnd.ask({ ask: "reset" });
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / 2));
  const { counts } = await farEnd.ask<FarEndFigures>({ ask: "figures" });
  const shares = Array.from({ length: equals }, (_, index) => counts[`equal-${index}`] ?? 0);
  say(`equal tenants got ${shares.join(", ")}`);
  const sum = shares.reduce((all, each) => all + each, 0);
  const squares = shares.reduce((all, each) => all + each * each, 0);
  return Math.round(((sum * sum) / (shares.length * squares)) * 1_000) / 1_000;
}

function judge(figures: Readonly<Record<string, number>>): string[] {
  const at = (name: keyof typeof limits): number => figures[name] ?? Number.NaN;
  const violations: string[] = [];
  for (const name of ["quietP99OverBound", "interactiveP95Ms"] as const)
    if (!(at(name) <= limits[name])) violations.push(`${name} is ${at(name)}, above ${limits[name]}.`);
  if (!(at("jain") >= limits.jain)) violations.push(`jain is ${at("jain")}, below ${limits.jain}.`);
  return violations;
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}
