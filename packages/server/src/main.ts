import { BelayError } from "@belay/sdk";
import { apiJobs, createServer, registerApi } from "./api/index.ts";
import { addressOf, buildCatalog, type Catalog, CatalogInForce, loadConfig, personalFields } from "./catalog/index.ts";
import { type DatabaseFacts, type DatabaseOptions, type Db, inspectDatabase, migrate, openDatabase } from "./db/index.ts";
import { startJobs } from "./engine/index.ts";
import { AttemptLog, defaultExchangeRetention, exchangeJobs, type ExchangeRetention } from "./exchanges/index.ts";
import { ThreadPool } from "./flow/index.ts";
import { GroupCommit, ingressJobs, registerIngress, replayWith } from "./ingress/index.ts";
import { classifyFailure, type HealthLimits, watchHealth } from "./insight/index.ts";
import {
  defaultRetention,
  defaultRetryPolicy,
  Dispatcher,
  type DispatcherOptions,
  IdMarks,
  listenForWork,
  mailboxJobs,
  recordSteps,
  type Retention,
  type RetryPolicy,
} from "./mailbox/index.ts";
import { type MeasuresOptions, openMeasures } from "./measures/index.ts";
import { streamJobs, writeEvents } from "./stream/index.ts";
import { fingerprintWith, referenceJobs, ReferenceWriter } from "./references/index.ts";
import { type Cipher, type KeyProvider, openVault, parseMasterKeys, verifyMasterKeys } from "./vault/index.ts";
import { type Clock, Counters, createLogger, type Logger, systemClock } from "./telemetry/index.ts";
import { readSampleShare, startTracing, type TelemetryTargets } from "./tracing/index.ts";

export { migrateDatabase } from "./migrate-database.ts";
export type { MigratedDatabase } from "./migrate-database.ts";
export { buildCatalog, loadConfig } from "./catalog/index.ts";
export type { DatabaseOptions } from "./db/index.ts";
export type { DispatcherOptions, RetryPolicy } from "./mailbox/index.ts";
export { createLogger } from "./telemetry/index.ts";
export type { Clock, Logger } from "./telemetry/index.ts";
export type { KeyProvider } from "./vault/index.ts";
export { manageKeys } from "./manage-keys.ts";
export type { KeyManagement } from "./manage-keys.ts";

/** What a process does: take webhooks in, run flows, serve the API. */
export type Role = "ingest" | "worker" | "web";

export interface BelayOptions {
  /** The configuration module; worker threads import it too. */
  readonly config: URL | string;
  readonly database: DatabaseOptions;
  /**
   * Wraps the keys that the contents of messages are sealed under: `id:base64` of 32 bytes, several separated by commas, of which the first wraps and all unwrap;
   * or whoever keeps master keys elsewhere, such as a key management service. Without it nothing that was stored can be read again: see `docs/guide/keys.md`.
   */
  readonly masterKey: string | KeyProvider;
  /** Default: a free port on 127.0.0.1. The API binds with the ingress until access control exists: keep it on loopback. */
  readonly http?: { readonly host?: string; readonly port?: number };
  /** Bearer token of the admin API. */
  readonly adminToken: string;
  /** Default: all. */
  readonly roles?: readonly Role[];
  readonly retry?: Partial<RetryPolicy>;
  readonly dispatcher?: Partial<DispatcherOptions>;
  /** How long what has ended is kept. Default: 30 days of history, 14 days of attempts and their exchanges. */
  readonly retention?: Partial<Retention & ExchangeRetention>;
  /** From when on something counts as a threat, see `GET /v1/health`. */
  readonly health?: Partial<HealthLimits>;
  /** Worker threads for flows, and their limits. */
  readonly flows?: {
    readonly threads?: number;
    readonly runTimeoutMs?: number;
    readonly attemptTimeoutMs?: number;
    readonly hangMs?: number;
    readonly threadMemoryMb?: number;
  };
  readonly telemetry?: TelemetryOptions;
  /** How much is counted apart, and how long counts are kept. */
  readonly measures?: Partial<MeasuresOptions>;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What is told of events that ended well – of failures everything is – and to whom. */
export interface TelemetryOptions extends TelemetryTargets {
  /** The share of events that are traced although nothing failed: 0 to 1. Default: what `OTEL_TRACES_SAMPLER` says, else 0.01. */
  readonly sampleShare?: number;
}

export interface Belay extends AsyncDisposable {
  /** Base URL of the HTTP server, without a slash at the end; empty when neither ingest nor web runs here. */
  readonly url: string;
  /**
   * Runs another configuration from now on, for development: new worker threads take over, and what runs in the old ones may end within 2 s. A module is
   * loaded once per URL, so a changed file needs another one, such as `belay.config.ts?2`.
   *
   * @throws what `startBelay` throws about a configuration; then the one before goes on.
   */
  reload(config: URL | string): Promise<void>;
  /**
   * Stops in order: no new requests, no new work, what runs may end within `graceMs` (default 10,000), mailboxes handed back, connections closed.
   * Calling it twice is safe.
   */
  close(graceMs?: number): Promise<void>;
}

/** Looks at a PostgreSQL as an installation needs it, without changing it: version, settings, migrations, clock. @throws the database's own error when it does not answer. */
export async function inspectPostgres(url: string, clock: Clock = systemClock): Promise<DatabaseFacts> {
  await using database = openDatabase({ kind: "postgres", url, connections: 1 });
  return await inspectDatabase(database, () => clock.now());
}

const shortestToken = 16;
const keepEventsDays = 400;

/**
 * Starts Belay: opens and migrates the database, loads the configuration, begins to work and listens.
 *
 * @throws `API_TOKEN_TOO_SHORT`, `CATALOG_CONFIG_UNREADABLE`, `CATALOG_FLOW_UNROUTABLE`, `DB_MIGRATION_FAILED`, `TELEMETRY_TARGET_INVALID`, `VAULT_MASTER_KEY_INVALID`,
 *   `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG`, the codes of `@belay/sdk` for wrong definitions, and the database's or the socket's own error. Then nothing
 *   is left running.
 */
export async function startBelay(options: BelayOptions): Promise<Belay> {
  const { clock = systemClock, random = Math.random, roles = ["ingest", "worker", "web"] } = options;
  if (roles.includes("web") && options.adminToken.length < shortestToken) {
    throw new BelayError("API_TOKEN_TOO_SHORT", `adminToken: give at least ${shortestToken} random characters, or anybody could guess it.`);
  }
  const counters = new Counters();
  const configUrl = String(options.config);
  const catalog = new CatalogInForce(buildCatalog(await loadConfig(configUrl)));
  const tracing = await startTracing({
    targets: options.telemetry ?? {},
    environment: process.env,
    logger: options.logger ?? createLogger("warn"),
    clock,
    random,
    addressOf: addressOf(catalog),
    classify: (code, failed) => classifyFailure(catalog, code, failed),
  });
  const { logger } = tracing;
  let reloadFlows = (_configUrl: string): Promise<void> => Promise.resolve();
  const closers: ((graceMs: number) => Promise<void>)[] = [() => tracing.close()];
  const close = async (graceMs = 10_000): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer(graceMs);
  };
  try {
    const onLostConnection = (error: Error): void => logger.warn({ error }, "A database connection was lost.");
    const database = openDatabase(options.database, onLostConnection, Math.min(5_000, options.dispatcher?.leaseMs ?? 5_000));
    closers.push(async () => await database.close());
    await migrate(database.db);
    const cipher = await openCipher(options, database.db, clock);
    const connectorOf = (id: string): string | undefined => catalog.connections.get(id)?.connector;
    const measuring = {
      db: database.db,
      clock,
      random,
      logger,
      counters,
      connectorOf,
      ...(options.measures && { options: options.measures }),
    };
    const measures = openMeasures(measuring);
    closers.push(async () => await measures.close());
    const onReceived = tellEach(tracing.onReceived, measures.received);
    const events = writeEvents(database.db, { clock, logger });
    closers.push(async () => await events.close());
    const { tell } = events;
    const health = watchHealth(database, { clock, logger, tell, ...(options.health && { limits: options.health }) });
    closers.push(async () => await health.stop());

    let load: Dispatcher["load"] | undefined;
    const references = new ReferenceWriter(cipher);
    let wake: Dispatcher["wake"] = () => {};
    let onCommit: Dispatcher["committed"] = () => {};
    if (roles.includes("worker")) {
      const attempts = new AttemptLog({
        db: database.db,
        cipher,
        personalFields: personalFields(catalog),
        clock,
        counters,
        logger,
      });
      closers.push(async () => await attempts.close());
      const retry = { ...defaultRetryPolicy, ...options.retry };
      const pool = new ThreadPool({
        ...options.flows,
        configUrl,
        clock,
        random,
        logger,
        counters,
        retry,
        recordStep: recordSteps(database.db, cipher),
        onRunEnd: tellEach(tracing.onRunEnd, measures.ran, (run) => attempts.add(run)),
        onCalls: measures.called,
        tell,
        fingerprint: fingerprintWith(references),
      });
      closers.push(async () => await pool.close());
      await pool.start();
      reloadFlows = (next) => pool.reload(next);
      const dispatcher = new Dispatcher({
        db: database.db,
        cipher,
        runner: pool,
        clock,
        logger,
        counters,
        onSettled: measures.settled,
        ...(options.dispatcher && { options: options.dispatcher }),
      });
      closers.push(async (graceMs) => await dispatcher.stop(graceMs));
      dispatcher.start();
      load = () => dispatcher.load();
      wake = (mailboxes) => dispatcher.wake(mailboxes);
      onCommit = (mailboxes) => dispatcher.committed(mailboxes);
      if (database.url !== undefined) {
        const listener = listenForWork(database.url, { clock, logger, onWake: wake });
        closers.push(async () => await listener.close());
      }
      const retention = { ...defaultRetention, ...defaultExchangeRetention, ...options.retention };
      const jobs = await startJobs(
        database,
        [
          ...mailboxJobs(database.db, retention),
          ...exchangeJobs(database.db, retention),
          ...referenceJobs(database.db, retention),
          ...ingressJobs(database.db),
          ...apiJobs(database.db),
          ...measures.jobs,
          ...streamJobs(database.db, keepEventsDays),
        ],
        logger,
      );
      closers.push(async (graceMs) => await jobs.stop(graceMs));
    }
    measures.start(load);
    let url = "";
    if (roles.includes("ingest") || roles.includes("web")) {
      const server = createServer(logger);
      const traces = { random, sampleShare: readSampleShare(options.telemetry?.sampleShare, process.env) };
      const commit = new GroupCommit(database.db, cipher, logger, {
        notify: !roles.includes("worker"),
        onCommit,
        references,
        idMarks: new IdMarks(clock),
      });
      if (roles.includes("ingest")) registerIngress(server, { catalog, commit, clock, counters, random, tracing: traces, onReceived });
      if (roles.includes("web"))
        registerApi(server, {
          database,
          cipher,
          catalog,
          commit,
          references,
          clock,
          counters,
          measures,
          tracing: traces,
          onReceived,
          adminToken: options.adminToken,
          replay: (db, letters) => replayWith(catalog, { cipher, references, clock })(db, letters),
          threats: health.threats,
          onReady: () => wake(),
        });
      closers.push(async () => await server.close());
      url = await server.listen({ host: options.http?.host ?? "127.0.0.1", port: options.http?.port ?? 0 });
    }
    const reload = async (next: URL | string): Promise<void> => {
      const loaded = buildCatalog(await loadConfig(String(next)));
      // First the flows: an event of a new endpoint must not meet threads that do not know its flow.
      await reloadFlows(String(next));
      catalog.replace(loaded);
      tell({ type: "configuration.reloaded", data: countParts(loaded) });
    };
    const { pid } = process;
    tell({ type: "process.started", data: { roles: roles.join(","), process: pid } });
    tell({ type: "configuration.loaded", data: countParts(catalog) });
    closers.push(async () => tell({ type: "process.stopped", data: { process: pid } }));
    return { url, close, reload, [Symbol.asyncDispose]: () => close() };
  } catch (error) {
    await close(0);
    throw error;
  }
}

/** Tells each of those who want to know. */
function tellEach<Told>(...listeners: readonly (((told: Told) => void) | undefined)[]): (told: Told) => void {
  const wanting = listeners.filter((listener) => listener !== undefined);
  return (told) => {
    for (const listener of wanting) listener(told);
  };
}

function countParts({ config: { connectors, flows, connections } }: Catalog): { connectors: number; flows: number; connections: number } {
  return { connectors: connectors.length, flows: flows.length, connections: connections.length };
}

/** The cipher of the database, once it is sure that the master key is the one its keys need. */
async function openCipher({ masterKey }: Pick<BelayOptions, "masterKey">, db: Db, clock: Clock): Promise<Cipher> {
  const provider = typeof masterKey === "string" ? parseMasterKeys(masterKey) : masterKey;
  await verifyMasterKeys({ db, provider });
  return openVault({ db, provider, clock });
}
