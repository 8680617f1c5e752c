import type { Config } from "@belay/sdk";
import { createNetwork } from "@belay/sdk/http";
import { LocalBreaker, openBreakers } from "../../../packages/server/src/breakers/index.ts";
import { buildCatalog, sizesOfProviders } from "../../../packages/server/src/catalog/index.ts";
import { openDatabase } from "../../../packages/server/src/db/index.ts";
import { ThreadPool } from "../../../packages/server/src/flow/index.ts";
import type { LeaseTimes } from "../../../packages/server/src/flow/lease-times.ts";
import { FlowRunner } from "../../../packages/server/src/flow/run-flow.ts";
import type { PoolThread } from "../../../packages/server/src/flow/thread-pool.ts";
import { openHolder, openLimits } from "../../../packages/server/src/limits/index.ts";
import { defaultRetryPolicy, Dispatcher, recordSteps } from "../../../packages/server/src/mailbox/index.ts";
import { Counters, type Logger } from "../../../packages/server/src/telemetry/index.ts";
import { openVault, parseMasterKeys } from "../../../packages/server/src/vault/index.ts";
import { testMasterKey } from "../../setup/vault.ts";
import type { MovedClock } from "./moved-clock.ts";

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
/** The clock is put forward only while nobody works; a look at that may be a moment old. */
const leaseMs = 600_000;
const runTimeoutMs = 600_000;

export interface DrillProcessParts {
  readonly url: string;
  readonly config: Config;
  readonly clock: MovedClock;
  readonly random: () => number;
}

/** A worker of Belay, composed as `start-worker.ts` does it, but on a clock that is moved; flows run in this process, because threads have the machine's clock. */
export async function startDrillProcess({ url, config, clock, random }: DrillProcessParts): Promise<AsyncDisposable> {
  await using starting = new AsyncDisposableStack();
  const database = openDatabase({ kind: "postgres", url, connections: 6 });
  starting.defer(async () => await database.close());
  const { db } = database;
  const cipher = openVault({ db, provider: parseMasterKeys(testMasterKey), clock });
  const catalog = buildCatalog(config);
  const sizeOf = (provider: string) => sizesOfProviders(catalog).get(provider) ?? { connections: 0, tenants: [] };
  const breakers = openBreakers({ database, clock, logger: silent, sizeOf });
  starting.defer(async () => await breakers.close());
  const limits = openLimits(database, { clock, random, logger: silent });
  starting.defer(async () => await limits.close());
  const network = createNetwork();
  starting.defer(async () => await network[Symbol.asyncDispose]());
  const holder = openHolder(
    (asks) => limits.lease(asks),
    () => clock.now(),
  );
  starting.defer(async () => holder.close());
  const pipelineClock = clock.ofPipeline;
  const recordStep = recordSteps(db, cipher);
  const createThread = (leaseTimes: LeaseTimes): PoolThread => {
    const breaker = new LocalBreaker({ desk: breakers, clock: pipelineClock, random });
    breakers.subscribe((open) => breaker.hear(open, clock.now()));
    const runner = new FlowRunner({
      config,
      ports: { clock: pipelineClock, random, network, breaker, budget: holder },
      enter: (_run, code) => code(),
      leaseHolds: (slot, now) => leaseTimes.holds(slot, now),
      recordStep: async () => {
        throw new Error("The drill's flow has no steps.");
      },
      runTimeoutMs,
    });
    return {
      start: async () => {},
      run: async (request) => await runner.run(request),
      abort: (run) => runner.abort(run),
      close: async () => {},
    };
  };
  const counters = new Counters();
  const parts = { clock, random, logger: silent, counters, retry: defaultRetryPolicy, recordStep, runTimeoutMs, createThread };
  const pool = new ThreadPool({ configUrl: "in this process", ...parts });
  const dispatcher = new Dispatcher({ db, cipher, runner: pool, clock, logger: silent, counters, options: { leaseMs } });
  dispatcher.start();
  starting.defer(async () => await dispatcher.stop(5_000));
  return starting.move();
}
