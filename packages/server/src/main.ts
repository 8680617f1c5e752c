import { BelayError } from "@belay/sdk";
import { addressOf, buildCatalog, type Catalog, CatalogInForce, loadConfig } from "./catalog/index.ts";
import { type DatabaseFacts, inspectDatabase, openDatabase } from "./db/index.ts";
import { classifyFailure, watchHealth } from "./insight/index.ts";
import { type Closer, openParts } from "./open-parts.ts";
import type { BelayOptions } from "./options.ts";
import { startServer } from "./start-server.ts";
import { startWorker } from "./start-worker.ts";
import { type Clock, createLogger, systemClock } from "./telemetry/index.ts";
import { startTracing } from "./tracing/index.ts";

export { ChainCheck } from "./audit/index.ts";
export type { AuditEntry, AuditHead, BrokenChain } from "./audit/index.ts";
export type { OidcOptions } from "./access/index.ts";
export type { BelayOptions, Role, TelemetryOptions } from "./options.ts";
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

export interface Belay extends AsyncDisposable {
  /** Base URL of the HTTP server, without a slash at the end; empty when neither ingest nor web runs here. */
  readonly url: string;
  /** Where the first administrator is made, below the URL: a secret. `undefined` once there is an operator, and where web does not run. */
  setUpPath(): Promise<string | undefined>;
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

/**
 * Starts Belay: opens and migrates the database, loads the configuration, begins to work and listens.
 *
 * @throws `API_TOKEN_TOO_SHORT`, `CATALOG_CONFIG_UNREADABLE`, `CATALOG_FLOW_UNROUTABLE`, `DB_MIGRATION_FAILED`, `TELEMETRY_TARGET_INVALID`, `VAULT_MASTER_KEY_INVALID`,
 *   `VAULT_MASTER_KEY_UNKNOWN`, `VAULT_MASTER_KEY_WRONG`, the codes of `@belay/sdk` for wrong definitions, and the database's or the socket's own error. Then nothing
 *   is left running.
 */
export async function startBelay(options: BelayOptions): Promise<Belay> {
  const { clock = systemClock, random = Math.random, roles = ["ingest", "worker", "web"] } = options;
  const adminTokens = typeof options.adminToken === "string" ? [options.adminToken] : options.adminToken;
  if (roles.includes("web") && (adminTokens.length === 0 || adminTokens.some(({ length }) => length < shortestToken))) {
    throw new BelayError("API_TOKEN_TOO_SHORT", `adminToken: give at least ${shortestToken} random characters, or anybody could guess it.`);
  }
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
  const closers: Closer[] = [() => tracing.close()];
  const close = async (graceMs = 10_000): Promise<void> => {
    for (let closer = closers.pop(); closer !== undefined; closer = closers.pop()) await closer(graceMs);
  };
  try {
    const parts = await openParts(options, { catalog, tracing, clock, random }, closers);
    const { tell } = parts;
    const health = watchHealth(parts.database, { clock, logger: parts.logger, tell, ...(options.health && { limits: options.health }) });
    closers.push(async () => await health.stop());
    const worker = roles.includes("worker") ? await startWorker(parts, options, closers) : undefined;
    parts.measures.start(worker?.load);
    const { url, setUpPath } = await startServer(parts, options, { roles, worker, threats: health.threats }, closers);
    const reload = async (next: URL | string): Promise<void> => {
      const loaded = buildCatalog(await loadConfig(String(next)));
      // First the flows: an event of a new endpoint must not meet threads that do not know its flow.
      await worker?.reload(String(next));
      catalog.replace(loaded);
      worker?.syncs.reloaded();
      worker?.twoWays.reloaded();
      tell({ type: "configuration.reloaded", data: countParts(loaded) });
    };
    const { pid } = process;
    tell({ type: "process.started", data: { roles: roles.join(","), process: pid } });
    tell({ type: "configuration.loaded", data: countParts(catalog) });
    closers.push(async () => tell({ type: "process.stopped", data: { process: pid } }));
    return { url, setUpPath, close, reload, [Symbol.asyncDispose]: () => close() };
  } catch (error) {
    await close(0);
    throw error;
  }
}

function countParts({ config: { connectors, flows, connections, syncs = [], twoWays = [], batches = [], views = [] } }: Catalog) {
  return {
    connectors: connectors.length,
    flows: flows.length,
    connections: connections.length,
    syncs: syncs.length,
    twoWays: twoWays.length,
    batches: batches.length,
    views: views.length,
  };
}
