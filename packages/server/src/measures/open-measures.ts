import { newSpanId } from "@belay/sdk/http";
import type { Db } from "../db/index.ts";
import type { ScheduledJob } from "../engine/index.ts";
import type { CallReport, EndedRun } from "../flow/index.ts";
import type { LookUp } from "../cache/index.ts";
import type { Lease, Result } from "../mailbox/index.ts";
import type { Clock, Counters, Logger, Receipt } from "../telemetry/index.ts";
import { countCalls, countLookUp, countReceipt, countResults, countRun } from "./count-work.ts";
import { Exposure, type ExposureParts } from "./expose-metrics.ts";
import { measureJobs } from "./jobs.ts";
import { type Measured, type MeasureQuery, readMeasures } from "./read-measures.ts";
import { SeriesTable } from "./series-table.ts";
import { defaultMeasuresOptions, type MeasuresOptions } from "./types.ts";
import { QueueWatch } from "./watch-queues.ts";
import { MeasureWriter } from "./write-measures.ts";

export interface MeasuresParts {
  readonly db: Db;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  /** What is counted of the process itself. */
  readonly counters: Counters;
  /** The connector of a connection. */
  readonly connectorOf: (connection: string) => string | undefined;
  readonly options?: Partial<MeasuresOptions>;
}

/** The measures of one process. What counts is quick: no call waits for anything. */
export interface Measures {
  readonly received: (receipt: Receipt) => void;
  readonly ran: (run: EndedRun) => void;
  readonly settled: (lease: Lease, results: readonly Result[]) => void;
  readonly called: (report: CallReport) => void;
  readonly lookedUp: (asked: { readonly tenant: string; readonly connection: string; readonly resource: string }, how: LookUp) => void;
  readonly jobs: readonly ScheduledJob[];
  /** What all processes have counted. @throws `MEASURES_TOO_MANY`. */
  read(query: MeasureQuery): Promise<Measured>;
  /** What this process has counted, for Prometheus. */
  expose(): Promise<string>;
  /** Writes what was counted until now. */
  write(): Promise<void>;
  /** Begins to write and to look at queues again and again. `load`: of this process's dispatcher. */
  start(load?: ExposureParts["load"]): void;
  /** Writes for the last time. Calling it twice is safe. */
  close(): Promise<void>;
}

/** Counts in memory and writes it down now and then. Nothing is written before `start`. */
export function openMeasures({ db, clock, random, logger, counters, connectorOf, options }: MeasuresParts): Measures {
  const { maxSeries, flushMs, minuteDays, hourDays, tenantLabel } = { ...defaultMeasuresOptions, ...options };
  const table = new SeriesTable(maxSeries, logger);
  const process = newSpanId(random);
  const writer = new MeasureWriter({ db, table, clock, logger, process, flushMs });
  const queues = new QueueWatch({ db, clock, logger, process });
  const exposed = { table, counters, clock, tenantLabel, lookAtQueues: () => queues.look() };
  let exposure = new Exposure(exposed);
  return {
    received: (receipt) => countReceipt(table, receipt, connectorOf),
    ran: (run) => countRun(table, run),
    settled: (lease, results) => countResults(table, lease, results, clock.now()),
    called: (report) => countCalls(table, report, clock.now()),
    lookedUp: (asked, how) => {
      const resource = `${connectorOf(asked.connection) ?? "unknown"}.${asked.resource}`;
      countLookUp(table, { ...asked, resource }, how, clock.now());
    },
    jobs: measureJobs(db, clock, { minuteDays, hourDays }),
    read: (query) => readMeasures(db, clock, minuteDays, query),
    expose: () => exposure.write(),
    write: () => writer.write(),
    start: (load) => {
      if (load !== undefined) exposure = new Exposure({ ...exposed, load });
      writer.start();
      queues.start();
    },
    close: async () => {
      await queues.close();
      await writer.close();
    },
  };
}
