import { apiJobs } from "./api/index.ts";
import { cacheJobs } from "./cache/index.ts";
import { batchJobs, keepPages, startBatchSchedule } from "./batches/index.ts";
import { personalFields } from "./catalog/index.ts";
import { connectJobs } from "./connect/index.ts";
import { connectionJobs } from "./connections/index.ts";
import { startJobs } from "./engine/index.ts";
import { AttemptLog, defaultExchangeRetention, exchangeJobs } from "./exchanges/index.ts";
import { feedJobs } from "./feed/index.ts";
import { fallbackJobs, openLastKnown } from "./fallbacks/index.ts";
import { connectionSource, ThreadPool } from "./flow/index.ts";
import { forgetConnections } from "./forget-connections.ts";
import { ingressJobs } from "./ingress/index.ts";
import { limitJobs } from "./limits/index.ts";
import { defaultRetention, defaultRetryPolicy, Dispatcher, listenForWork, mailboxJobs, recordSteps } from "./mailbox/index.ts";
import { type Closer, type Parts, tellEach } from "./open-parts.ts";
import { openReview } from "./open-review.ts";
import type { BelayOptions } from "./options.ts";
import { fingerprintWith, referenceJobs } from "./references/index.ts";
import { beginComparisonsWith, openComparer, reconcileJobs, scheduleComparisons } from "./reconcile/index.ts";
import { reviewJobs } from "./review/index.ts";
import { streamJobs } from "./stream/index.ts";
import { openWalkDesk, startSyncScheduler, syncJobs, type SyncScheduler } from "./syncs/index.ts";
import { startViewKeeper } from "./views/index.ts";
import { trafficJobs } from "./traffic/index.ts";
import { awaitAgain, openWriteDesk, startTwoWayPump, type TwoWayPump } from "./two-way/index.ts";

const keepEventsDays = 400;

/** What the rest of a process needs of its worker. */
export interface Worker extends Pick<Dispatcher, "wake" | "committed" | "load"> {
  /** Runs another configuration from now on. */
  reload(configUrl: string): Promise<void>;
  /** Begins the syncs that are due. */
  readonly syncs: Pick<SyncScheduler, "ring" | "reloaded">;
  /** Looks for what two-way syncs have to merge. */
  readonly twoWays: Pick<TwoWayPump, "reloaded">;
}

/** Begins to run flows and to do the background jobs. */
export async function startWorker(parts: Parts, options: BelayOptions, closers: Closer[]): Promise<Worker> {
  const { database, cipher, clock, logger, counters, measures } = parts;
  // Walks and pages of batches give work to the dispatcher, which is made of what runs them.
  let committed: Worker["committed"] = () => {};
  const pool = openThreads(parts, options, closers, (mailboxes) => committed(mailboxes));
  await both(pool.start(), startBackgroundJobs(parts, options, closers));
  const dispatcher = new Dispatcher({
    db: database.db,
    cipher,
    runner: pool,
    clock,
    logger,
    counters,
    onSettled: (lease, results) => {
      measures.settled(lease, results);
      parts.backlog.settled(lease, results);
    },
    weights: () => parts.traffic.weights(),
    pauses: parts.traffic.pauses,
    ...(options.dispatcher && { options: options.dispatcher }),
  });
  closers.push(async (graceMs) => await dispatcher.stop(graceMs));
  dispatcher.start();
  committed = (mailboxes) => dispatcher.committed(mailboxes);
  const batches = startBatchSchedule({ ...parts, db: database.db, onCommitted: committed });
  closers.push(async () => await batches.close());
  const unwatch = parts.traffic.watch(() => dispatcher.pausesChanged());
  closers.push(async () => unwatch());
  parts.credentials.renewDue();
  const syncs = startSyncScheduler({
    db: database.db,
    cipher,
    clock,
    logger,
    catalog: parts.catalog,
    url: database.url,
    onKnown: (keys) => scheduleComparisons({ db: database.db, cipher, clock, catalog: parts.catalog }, keys),
    beginOthers: beginComparisonsWith({ db: database.db, cipher, clock, logger, catalog: parts.catalog }),
    onBegun: committed,
  });
  closers.push(async () => await syncs.close());
  const twoWays = startTwoWayPump({ db: database.db, cipher, clock, logger, catalog: parts.catalog, onCommitted: committed });
  closers.push(async () => await twoWays.close());
  const views = startViewKeeper({ db: database.db, cipher, clock, logger, catalog: parts.catalog });
  closers.push(async () => await views.close());
  const wake: Worker["wake"] = (mailboxes) => dispatcher.wake(mailboxes);
  if (database.url !== undefined) {
    const listener = listenForWork(database.url, { clock, logger, onWake: wake });
    closers.push(async () => await listener.close());
  }
  return {
    wake,
    committed,
    syncs,
    twoWays,
    load: () => dispatcher.load(),
    reload: (configUrl) => pool.reload(configUrl),
  };
}

function openThreads(parts: Parts, options: BelayOptions, closers: Closer[], onCommitted: Worker["committed"]): ThreadPool {
  const { database, cipher, catalog, clock, random, logger, counters, measures, tracing, tell, references } = parts;
  const attempts = new AttemptLog({ db: database.db, cipher, personalFields: personalFields(catalog), clock, counters, logger });
  closers.push(async () => await attempts.close());
  const lastKnown = openLastKnown({ db: database.db, cipher, clock, logger });
  closers.push(async () => await lastKnown.close());
  const pool = new ThreadPool({
    ...options.flows,
    configUrl: String(options.config),
    clock,
    random,
    logger,
    counters,
    retry: { ...defaultRetryPolicy, ...options.retry },
    recordStep: keepPages({ db: database.db, cipher, onCommitted }, recordSteps(database.db, cipher)),
    onRunEnd: tellEach(tracing.onRunEnd, measures.ran, (run) => attempts.add(run)),
    onCalls: measures.called,
    tell,
    breakers: parts.breakers,
    fingerprint: fingerprintWith(references),
    limits: parts.limits,
    connections: connectionSource(catalog, parts.credentials.book),
    lastKnown,
    cache: parts.cache,
    walks: openWalkDesk({
      db: database.db,
      cipher,
      clock,
      logger,
      catalog,
      onCommitted,
      comparer: openComparer({ db: database.db, cipher }),
      onDecided: awaitAgain,
    }),
    writes: openWriteDesk({ db: database.db, cipher, clock, catalog, onCommitted }),
  });
  closers.push(async () => await pool.close());
  return pool;
}

/** The two take time and do not need each other. When one fails the other has to have come to its end, too, before anything is closed. */
async function both(...starting: readonly Promise<void>[]): Promise<void> {
  for (const started of await Promise.allSettled(starting)) if (started.status === "rejected") throw started.reason;
}

async function startBackgroundJobs(parts: Parts, options: BelayOptions, closers: Closer[]): Promise<void> {
  const { database, logger, measures, connecting } = parts;
  const { db } = database;
  const retention = { ...defaultRetention, ...defaultExchangeRetention, ...options.retention };
  const jobs = await startJobs(
    database,
    [
      ...mailboxJobs(db, retention),
      ...exchangeJobs(db, retention),
      ...referenceJobs(db, retention),
      ...ingressJobs(db),
      ...apiJobs(db),
      ...connectionJobs(db, forgetConnections),
      ...connectJobs(connecting),
      ...limitJobs(db),
      ...fallbackJobs(db),
      ...cacheJobs(db),
      ...feedJobs(db),
      ...batchJobs(db),
      ...reviewJobs(openReview(parts, options)),
      ...measures.jobs,
      ...syncJobs(db),
      ...reconcileJobs(db),
      ...trafficJobs(db),
      ...streamJobs(db, keepEventsDays),
    ],
    logger,
  );
  closers.push(async (graceMs) => await jobs.stop(graceMs));
}
