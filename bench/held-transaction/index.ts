import pg from "pg";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { type LoadFigures, startBelayPart, startLoad, startReceiver, type ReceiverFigures, untilReceived } from "../pipeline/parts.ts";
import { startBenchPostgres } from "../support/database.ts";

const limits = { p99Ms: 1_000, alarmSeconds: 60, rssMb: 350, rssGrowth: 1.15 };
const rate = 500;
const warmUpMs = 60_000;

/**
 * A transaction is held open for ten minutes while events arrive: nothing that is deleted meanwhile can be cleared away. Delivery has to go on, an alarm has to name the
 * transaction, and memory has to stay where it is.
 */
export async function benchHeldTransaction(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const seconds = options.quick ? 70 : 600;
  await using postgres = await startBenchPostgres();
  await using receiver = await startReceiver();
  await using load = await startLoad();
  const url = await postgres.create("held");
  await using belay = await startBelayPart(receiver.ready.url, 10, url);
  const order = { url: belay.ready.url, mailboxes: 10, bytes: 1_000, connections: 128, rate };
  await load.ask<LoadFigures>({ ...order, events: rate * 10 });
  await untilReceived(receiver, rate * 10);
  await receiver.ask({ ask: "reset" });

  const holder = new pg.Client({ connectionString: url, application_name: "forgotten report" });
  // Should the benchmark fail, its own error is the one to show, not that its database went away.
  holder.on("error", () => {});
  await holder.connect();
  await holder.query("begin isolation level repeatable read; select count(*) from belay.mailbox; select txid_current()");
  const alarm = alarmAfter(new URL(belay.ready.url).origin);
  const sending = load.ask<LoadFigures>({ ...order, events: rate * seconds });
  // What grows at first is the heap of a process that has just begun to work.
  let rssWarm = 0;
  const warm = setTimeout(() => (rssWarm = belay.rssMb()), warmUpMs);
  const timer = setInterval(() => say(`${belay.rssMb()} MB`), 30_000);
  const { accepted } = await sending;
  const figures = await untilReceived(receiver, accepted);
  clearInterval(timer);
  clearTimeout(warm);
  const rssMb = belay.rssMb();
  await holder.query("rollback");
  await holder.end();
  const report = {
    seconds,
    events: accepted,
    lost: accepted - figures.received,
    ...latencyOf(figures),
    alarmSeconds: await alarm,
    rssMb,
    rssGrowth: Math.round((rssMb / rssWarm) * 100) / 100,
  };
  const violations: string[] = [];
  if (report.lost > 0) violations.push(`${report.lost} acknowledged events did not arrive.`);
  for (const [name, limit] of Object.entries(limits)) {
    const value = report[name as keyof typeof limits];
    if (!(value <= limit)) violations.push(`${name} is ${value}, above ${limit}.`);
  }
  return { figures: report, violations };
}

function latencyOf({ p50, p99, max }: ReceiverFigures): { p50Ms: number; p99Ms: number; maxMs: number } {
  return { p50Ms: p50, p99Ms: p99, maxMs: max };
}

/** Seconds until the health endpoint names the transaction; 999 when it does not within two minutes. */
async function alarmAfter(origin: string): Promise<number> {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 120_000) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const answer = await fetch(`${origin}/v1/health`, {
      headers: { authorization: "Bearer bench-bench-bench" },
      signal: AbortSignal.timeout(5_000),
    });
    const { threats } = (await answer.json()) as { threats: { code: string; what: string }[] };
    if (threats.some(({ code, what }) => code === "HEALTH_OLD_TRANSACTION" && what.includes("forgotten report"))) {
      return Math.round((performance.now() - startedAt) / 1_000);
    }
  }
  return 999;
}
