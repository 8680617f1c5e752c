import { createHmac, randomUUID } from "node:crypto";
import type { CommandOptions, Report } from "@belay/testkit/report";
import { endpointOf } from "../pipeline/belay.config.ts";
import {
  type Load,
  type LoadFigures,
  type Receiver,
  type ReceiverFigures,
  startBelayPart,
  startLoad,
  startReceiver,
  type Subject,
  untilReceived,
} from "../pipeline/parts.ts";
import { startBenchPostgres } from "../support/database.ts";
import { misdeeds } from "./belay.config.ts";

const rate = 300;
const neighbours = 10;
const worstRatio = 2;
/** Below this a ratio says nothing: it is the noise of the machine. */
const noiseMs = 20;
const misdeedEveryMs = 2_000;

/**
 * Ten tenants' events flow while an eleventh tenant's flow throws, hangs, leaks memory, exits and returns nonsense in turn. The neighbours' p99 has to stay within twice what
 * it is without it, and each misdeed has to end in the right state.
 */
export async function benchNeighbours(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const seconds = options.quick ? 60 : 120;
  await using postgres = await startBenchPostgres();
  await using receiver = await startReceiver();
  await using load = await startLoad();
  const url = await postgres.create("neighbours");
  await using belay = await startBelayPart(receiver.ready.url, neighbours + 1, url, {
    config: new URL("./belay.config.ts", import.meta.url).href,
    flows: { threads: 2, hangMs: 500 },
  });
  await run(load, receiver, belay, 10);
  say("without misdeeds");
  const before = await run(load, receiver, belay, seconds);
  say(`p99 ${before.p99} ms; with misdeeds`);
  const misdoing = misdo(`${belay.ready.url}/${endpointOf(neighbours)}`, seconds);
  const during = await run(load, receiver, belay, seconds);
  const asked = await misdoing;
  say(`p99 ${during.p99} ms; ${asked} misdeeds`);
  const rows = await postgres.query<{ code: string; waiting: string; dead: string }>(
    url,
    `select code, count(*) filter (where waits)::text as waiting, count(*) filter (where not waits)::text as dead
     from (select code, true as waits from belay.message union all select code, false from belay.dead_letter) m where code is not null group by 1`,
  );
  for (const { code, waiting, dead } of rows) say(`${code}: ${waiting} wait for their next attempt, ${dead} dead letters`);
  const figures = {
    p99BeforeMs: before.p99,
    p99DuringMs: during.p99,
    maxDuringMs: during.max,
    p99Ratio: Math.round((Math.max(noiseMs, during.p99) / Math.max(noiseMs, before.p99)) * 100) / 100,
    misdeeds: asked,
    failedOrWaiting: rows.reduce((sum, { code, waiting, dead }) => sum + (code in expected ? Number(waiting) + Number(dead) : 0), 0),
  };
  const violations = rows
    .filter(({ code }) => !(code in expected))
    .map(({ code }) => `A misdeed ended as ${code}, which none of them should.`);
  if (figures.p99Ratio > worstRatio) violations.push(`p99Ratio is ${figures.p99Ratio}, above ${worstRatio}.`);
  return { figures, violations };
}

/** How a misdeed may end. */
const expected: Readonly<Record<string, string>> = {
  FLOW_FAILED: "throw",
  FLOW_THREAD_ENDED: "hang, leak, exit",
  FLOW_STEP_RESULT_INVALID: "nonsense",
};

async function run(load: Load, receiver: Receiver, belay: Subject, seconds: number): Promise<ReceiverFigures> {
  await receiver.ask({ ask: "reset" });
  const { accepted } = await load.ask<LoadFigures>({
    url: belay.ready.url,
    events: rate * seconds,
    mailboxes: neighbours,
    bytes: 1_000,
    connections: 128,
    rate,
  });
  return await untilReceived(receiver, accepted);
}

async function misdo(url: string, seconds: number): Promise<number> {
  const count = Math.floor((seconds * 1_000) / misdeedEveryMs);
  for (let index = 0; index < count; index += 1) {
    const body = JSON.stringify({ id: randomUUID(), type: "misdeed.asked", misdeed: misdeeds[index % misdeeds.length] });
    const signature = createHmac("sha256", "bench-secret-bench-secret").update(body).digest("hex");
    const answer = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", "x-signature": signature },
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.status !== 202) throw new Error(`A misdeed was answered with ${answer.status}.`);
    await new Promise((resolve) => setTimeout(resolve, misdeedEveryMs));
  }
  return count;
}
