import { setTimeout as wait } from "node:timers/promises";
import { createBelayClient, type ApiMeasured } from "@belay/sdk/client";
import { createLogger, type DatabaseOptions, startBelay } from "@belay/server";
import { simulateConfig } from "@belay/testkit";
import type { Report } from "@belay/testkit/report";
import { compareCounts, exactP99, type Truth } from "./compare-counts.ts";
import { refusedEntity, sendTraffic } from "./send-traffic.ts";
import { benchMasterKey } from "../support/master-key.ts";

/** Shares of requests; one that hangs is dropped after 300 ms. */
const faults = {
  tooManyRequests: 0.005,
  serverError: 0.01,
  unavailable: 0.005,
  timeoutAfterCommit: 0.002,
  resetBeforeCommit: 0.01,
  slow: 0.02,
  slowMs: [20, 200] as [number, number],
  hangMs: 300,
  retryAfterSeconds: 0,
};
const adminToken = "measures-measures-measures";
const longestDrainMs = 600_000;

export interface MeasuredRun {
  readonly events: number;
  readonly seed: number;
  readonly database: DatabaseOptions;
  /** Runs a statement in that database. */
  readonly query: (text: string) => Promise<readonly Record<string, unknown>[]>;
  readonly say: (status: string) => void;
}

/** Sends events through Belay to a provider that misbehaves, and compares what Belay counted with what sender, provider and database know. */
export async function runMeasured({ events, seed, database, query, say }: MeasuredRun): Promise<Report> {
  const configUrl = new URL("./belay.config.ts", import.meta.url).href;
  const { default: config } = await import("./belay.config.ts");
  await using simulation = await simulateConfig({ configUrl, config, seed, only: { sink: { faults } } });
  const sink = simulation.simulator("sink");
  sink.refuse(({ fields }) => fields["entity"] === refusedEntity);
  await using belay = await startBelay({
    config: simulation.configUrl,
    database,
    adminToken,
    masterKey: benchMasterKey,
    retry: { maxAttempts: 40, maxAgeMs: 3_600_000, baseMs: 50, capMs: 500 },
    measures: { flushMs: 500 },
    // Every run is kept with its times: what percentiles are compared with.
    telemetry: { sampleShare: 1 },
    logger: createLogger("error"),
  });
  const from = new Date();
  const api = createBelayClient({ url: belay.url, token: adminToken });
  const sources = simulation.connections.flatMap(({ id, webhooks }) => (webhooks === undefined ? [] : [{ id, ...webhooks }]));
  say(`sending ${events} events`);
  const startedAt = performance.now();
  const answers = await sendTraffic(belay.url, sources, events);
  const giveUpAt = performance.now() + longestDrainMs;
  for (let waiting = 1; waiting > 0 && performance.now() < giveUpAt;) {
    ({ waiting } = await api.figures());
    say(`${waiting} wait`);
    await wait(500);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  // The threads tell their calls twice a second, and the process writes as often.
  await wait(2_000);
  const measured: ApiMeasured = await api.measures({ from });
  const truth: Truth = {
    sources: new Map(sources.map(({ id, endpoint }) => [id, answers.get(endpoint) ?? {}])),
    requests: new Map(sink.accounts.map((account) => [account, sink.requests(account)])),
    writes: new Map(sink.accounts.map((account) => [account, sink.writes("record", account).length])),
    rows: (await query(`
      select split_part(mailbox, '/', 1) as connection, 'delivered' as outcome, count(*)::integer as count from belay.history where outcome = 'delivered' group by 1
      union all
      select split_part(mailbox, '/', 1), case when attempts = 0 then 'quarantined' else 'dead' end, count(*)::integer from belay.dead_letter group by 1, 2`)) as never,
    runP99: exactP99(
      (await query(`
        select tenant, round(extract(epoch from ended_at - started_at) * 1000)::float8 as ms
        from belay.attempt where verdict in ('delivered', 'retry', 'dead')`)) as never,
    ),
  };
  const { compared, worstCountError, worstPercentileError, violations } = compareCounts(measured, truth);
  const figures = {
    events,
    eventsPerSecond: Math.round(events / seconds),
    compared,
    worstCountError,
    worstPercentileError,
    series: measured.series.length,
  };
  return { figures, violations };
}
