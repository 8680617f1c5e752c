import type { PGlite } from "@electric-sql/pglite";
import { Kysely, PGliteDialect, PostgresDialect } from "kysely";
import pg from "pg";
import { openEmbedded } from "./open-embedded.ts";
import { PreparingClient } from "./preparing-client.ts";

/** No table types: statements are written by hand in the `sql` tag and typed by their rows. */
export type Tables = Record<never, never>;
export type Db = Kysely<Tables>;

/** Where Belay keeps its state. */
export type DatabaseOptions =
  /** In process, for development: it does not fsync, and needs `@electric-sql/pglite`. Without a directory it lives in memory. */
  | { readonly kind: "pglite"; readonly directory?: string }
  | { readonly kind: "postgres"; readonly url: string; readonly connections?: number; readonly clockOffsetMs?: number };

export interface Database extends AsyncDisposable {
  readonly kind: DatabaseOptions["kind"];
  readonly db: Db;
  /** How many transactions can run at once. PGlite has one connection. */
  readonly connections: number;
  /** The connection string, for a listener of its own; `undefined` on PGlite. */
  readonly url: string | undefined;
  /** The embedded database itself, started if it is not, for a library that needs more than Kysely; `undefined` on Postgres. */
  readonly pglite: (() => Promise<PGlite>) | undefined;
  close(): Promise<void>;
}

const INT8 = 20;

/**
 * Every hot statement joins a handful of rows to a table by its key. A statement planned while its table was empty would be planned as a scan of the
 * whole table, and keep that plan while the table fills: so scans and the joins that need them are taken out of the choice.
 */
const plannerSettings = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"].map((name) => `-c ${name}=off`).join(" ");

/**
 * Opens the database; it does not migrate. The pool survives lost connections: a statement that meets one throws, the next one connects again.
 *
 * Statements have a deadline of 30 s and locks of 10 s, so that nothing waits for ever on a far end that went silent.
 *
 * @param longestIdleMs How long a transaction may stand still between two statements. A process that is stopped, or cut off, in the middle of one keeps
 *   its locks until then: nobody takes its mailboxes over, and no event is taken in for them. At most the lease, therefore. Default 5 s.
 */
export function openDatabase(options: DatabaseOptions, onIdleError: (error: Error) => void = () => {}, longestIdleMs = 5_000): Database {
  if (options.kind === "pglite") {
    const pglite = openEmbedded(options.directory);
    const db: Db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite }) });
    return database({ kind: "pglite", db, connections: 1, url: undefined, pglite });
  }
  const connections = options.connections ?? 10;
  const pool = new pg.Pool({
    Client: PreparingClient,
    connectionString: options.url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    query_timeout: 35_000,
    application_name: "belay",
    options: `-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=${longestIdleMs}ms -c jit=off ${plannerSettings} -c belay.clock_offset_ms=${options.clockOffsetMs ?? 0}`,
    types: {
      // Ids and counts stay far below 2^53; a string would be compared as text.
      getTypeParser: (oid: number): ((text: string) => unknown) =>
        oid === INT8 ? Number : (pg.types.getTypeParser(oid) as (text: string) => unknown),
    },
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on("error", onIdleError);
  // The pool listens to idle connections only; one that is lost between two statements of a transaction would end the process as well.
  pool.on("connect", (client) => client.on("error", onIdleError));
  const db: Db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return database({ kind: "postgres", db, connections, url: options.url, pglite: undefined });
}

function database(parts: Omit<Database, "close" | typeof Symbol.asyncDispose>): Database {
  const close = (): Promise<void> => parts.db.destroy();
  return { ...parts, close, [Symbol.asyncDispose]: close };
}
