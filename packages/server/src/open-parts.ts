import { openBreakers, type SharedBreakers } from "./breakers/index.ts";
import { type CacheBook, type CacheParts, openCache } from "./cache/index.ts";
import { type CatalogInForce, sizesOfProviders } from "./catalog/index.ts";
import { type ConnectionFollower, followConnections } from "./connections/index.ts";
import type { KeptCredentials } from "./credentials/index.ts";
import { type Database, type Db, migrate, openDatabase } from "./db/index.ts";
import { openLimits, type SharedLimits } from "./limits/index.ts";
import { type Measures, openMeasures } from "./measures/index.ts";
import { type Connecting, openConnecting } from "./open-connecting.ts";
import { openCredentials } from "./open-credentials.ts";
import { readListed } from "./syncs/index.ts";
import type { BelayOptions } from "./options.ts";
import { ReferenceWriter } from "./references/index.ts";
import { type Tell, writeEvents } from "./stream/index.ts";
import { type Clock, Counters, type Logger, type Receipt } from "./telemetry/index.ts";
import { Backlog, followTraffic, type Traffic } from "./traffic/index.ts";
import type { Tracing } from "./tracing/index.ts";
import { type Cipher, openVault, parseMasterKeys, verifyMasterKeys } from "./vault/index.ts";

/** Ends something within so many milliseconds. */
export type Closer = (graceMs: number) => Promise<void>;

/** What a process has whatever its roles are. */
export interface Parts {
  readonly catalog: CatalogInForce;
  readonly database: Database;
  readonly cipher: Cipher;
  /** Keeps the catalog as the table of connections is. */
  readonly connections: ConnectionFollower;
  readonly credentials: KeptCredentials;
  /** How people connect accounts and give them up. */
  readonly connecting: Connecting;
  readonly references: ReferenceWriter;
  readonly limits: SharedLimits;
  readonly breakers: SharedBreakers;
  readonly measures: Measures;
  readonly cache: CacheBook;
  readonly traffic: Traffic;
  readonly backlog: Backlog;
  readonly tracing: Tracing;
  readonly counters: Counters;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly tell: Tell;
  readonly onReceived: (receipt: Receipt) => void;
}

/** Opens and migrates the database, and what stands on it alone. What has to be ended is added to `closers` as soon as it runs. */
export async function openParts(
  options: BelayOptions,
  given: Pick<Parts, "catalog" | "tracing" | "clock" | "random">,
  closers: Closer[],
): Promise<Parts> {
  const { catalog, tracing, clock, random } = given;
  const { logger } = tracing;
  const counters = new Counters();
  const onLostConnection = (error: Error): void => logger.warn({ error }, "A database connection was lost.");
  const database = openDatabase(options.database, onLostConnection, Math.min(5_000, options.dispatcher?.leaseMs ?? 5_000));
  closers.push(async () => await database.close());
  const { db } = database;
  await migrate(db);
  const cipher = await openCipher(options, db, clock);
  const connections = await followConnections({ database, cipher, catalog, clock, logger });
  closers.push(async () => await connections.close());
  const credentials = openCredentials({ ...given, logger, db, cipher }, closers);
  const connecting = openConnecting({ ...given, logger, database, cipher, connections, credentials }, options, closers);
  const limits = openLimits(database, { clock, random, logger });
  closers.push(async () => await limits.close());
  const sizeOf = (provider: string) => sizesOfProviders(catalog).get(provider) ?? { connections: 0, tenants: [] };
  const breakers = openBreakers({ database, clock, logger, sizeOf });
  closers.push(async () => await breakers.close());
  const connectorOf = (id: string): string | undefined => catalog.connections.get(id)?.connector;
  const measures = openMeasures({
    db,
    clock,
    random,
    logger,
    counters,
    connectorOf,
    ...(options.measures && { options: options.measures }),
  });
  closers.push(async () => await measures.close());
  const keptRecords: CacheParts["keptRecords"] = async (asked, maxAgeMs) => await readListed({ db, cipher }, asked, maxAgeMs);
  const cache = openCache({ db, cipher, clock, logger, keptRecords, onLookUp: measures.lookedUp });
  closers.push(async () => await cache.close());
  const traffic = await followTraffic({ database, catalog, clock, logger });
  closers.push(async () => await traffic.close());
  const { roles = ["ingest", "web"], backlog: bounds } = options;
  const backlog = new Backlog({ db, clock, logger, refuses: roles.includes("ingest") || roles.includes("web"), ...(bounds && { bounds }) });
  backlog.start();
  closers.push(async () => await backlog.close());
  const events = writeEvents(db, { clock, logger });
  closers.push(async () => await events.close());
  return {
    ...given,
    database,
    cipher,
    connections,
    credentials,
    connecting,
    references: new ReferenceWriter(cipher),
    limits,
    breakers,
    measures,
    cache,
    traffic,
    backlog,
    counters,
    logger,
    tell: events.tell,
    onReceived: tellEach(tracing.onReceived, measures.received),
  };
}

/** The cipher of the database, once it is sure that the master key is the one its keys need. */
async function openCipher({ masterKey }: Pick<BelayOptions, "masterKey">, db: Db, clock: Clock): Promise<Cipher> {
  const provider = typeof masterKey === "string" ? parseMasterKeys(masterKey) : masterKey;
  await verifyMasterKeys({ db, provider });
  return openVault({ db, provider, clock });
}

/** Tells each of those who want to know. */
export function tellEach<Told>(...listeners: readonly (((told: Told) => void) | undefined)[]): (told: Told) => void {
  const wanting = listeners.filter((listener) => listener !== undefined);
  return (told) => {
    for (const listener of wanting) listener(told);
  };
}
