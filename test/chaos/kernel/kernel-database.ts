import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from "kysely";
import type { Answer, HistoryDatabase, Line } from "./line.ts";
import { type Database, type Db, migrate, openDatabase } from "../../../packages/server/src/db/index.ts";

/** What a statement gives, and of how many rows it says that it wrote them. */
export type Rows = readonly Record<string, unknown>[] & { readonly affected?: number | undefined };

/**
 * As `openDatabase` asks of PostgreSQL; a plan made once serves all histories. What PGlite would write to its disk in memory, and count for its statistics, nobody
 * reads: without that a statement takes half the time.
 */
const settings = [
  "enable_seqscan = off",
  "enable_hashjoin = off",
  "enable_mergejoin = off",
  "jit = off",
  "plan_cache_mode = force_generic_plan",
  "synchronous_commit = off",
  "track_activities = off",
  "track_counts = off",
];

const tables = ["message", "block", "entity_version", "step", "blob", "dead_letter", "history", "dedupe", "event"];

/** What histories write into besides. Of these tables, as of the mailboxes', rows that are due at the same moment are read in the order of their places. */
export interface FurtherTables {
  readonly tables: readonly string[];
  readonly sequences: readonly string[];
}

/**
 * The one PGlite of a process of the harness, used by one history after the other. Statements are prepared once; `belay.now()` says what the history's
 * clock says.
 */
export class KernelDatabase implements HistoryDatabase {
  readonly lines: readonly Line[] = [{ run: (text, parameters) => this.#answer(text, parameters) }];
  readonly #database: Database;
  readonly #names = new Map<string, string>();
  /** Statements that may have changed something, transactions counted at their end. */
  commits = 0;
  /** A transaction that has begun for its process, and begins here with its first statement. */
  #begun = false;
  #clockMs = Number.NaN;
  #setClockMs = Number.NaN;
  readonly #resetting: string;

  private constructor(database: Database, further: FurtherTables) {
    this.#database = database;
    const truncated = ["mailbox", ...further.tables].map((table) => `belay.${table}`).join(",");
    const deletions = tables.map((table) => `delete from belay.${table}`);
    const restarts = ["message_id", ...further.sequences].map((sequence) => `alter sequence belay.${sequence} restart`);
    this.#resetting = ["rollback", `truncate ${truncated} restart identity`, ...deletions, ...restarts].join(";");
  }

  static async open(further: FurtherTables = { tables: [], sequences: [] }): Promise<KernelDatabase> {
    const database = openDatabase({ kind: "pglite" });
    await migrate(database.db);
    const kernel = new KernelDatabase(database, further);
    await kernel.#exec(settings.map((setting) => `set ${setting}`).join(";"));
    await kernel.#exec(`
      create or replace function belay.now() returns timestamptz language sql stable parallel safe as $$
        select to_timestamp(current_setting('belay.kernel_ms')::float8 / 1000)
      $$`);
    // A history lives in a time of its own, for which the default partition is enough.
    const partitions = await kernel.#exec(
      "select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid where c.relkind = 'r' and c.relname ~ '^history_[0-9]'",
    );
    for (const { name } of partitions) await kernel.#exec(`drop table belay.${String(name)}`);
    return kernel;
  }

  /** Forgets the history before. Tables whose indexes have ties are made anew, so that these fall the same way in every run. */
  async reset(): Promise<void> {
    await this.#exec(this.#resetting);
  }

  setClock(ms: number): void {
    this.#clockMs = ms;
  }

  async run(text: string, parameters: readonly unknown[]): Promise<Rows> {
    if (text === "begin") {
      this.#begun = true;
      return [];
    }
    this.commits += 1;
    const begin = this.#begun ? "begin;" : "";
    this.#begun = false;
    if (begin !== "" && (text === "commit" || text === "rollback")) return [];
    const statement = parameters.length === 0 ? text : `execute ${await this.#prepare(text)}(${parameters.map(toLiteral).join(",")})`;
    const ends = text === "commit" || text === "rollback";
    const clock = ends || this.#setClockMs === this.#clockMs ? "" : `set belay.kernel_ms = '${this.#clockMs}';`;
    // What is set in a transaction that is rolled back is unset with it.
    if (text === "rollback") this.#setClockMs = Number.NaN;
    else if (!ends) this.#setClockMs = this.#clockMs;
    try {
      return await this.#exec(begin + clock + statement);
    } catch (error) {
      this.#setClockMs = Number.NaN;
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database.close();
  }

  async #answer(text: string, parameters: readonly unknown[]): Promise<Answer> {
    try {
      return { rows: await this.run(text, parameters) };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }

  async #prepare(text: string): Promise<string> {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = `kernel_${this.#names.size}`;
    await this.#exec(`prepare ${name} as ${text}`);
    this.#names.set(text, name);
    return name;
  }

  async #exec(text: string): Promise<Rows> {
    const pglite = await this.#database.pglite?.();
    const results = await pglite?.exec(text);
    const last = results?.at(-1);
    return Object.assign(last?.rows ?? [], { affected: last?.affectedRows });
  }
}

function toLiteral(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (value instanceof Uint8Array) return `'\\x${Buffer.from(value).toString("hex")}'`;
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean")
    throw new TypeError(`The kernel does not know how to write a parameter of type ${typeof value}.`);
  return `'${String(value).replaceAll("'", "''")}'`;
}

/** What a process of Belay sends its statements through. */
export interface Session {
  run(text: string, parameters: readonly unknown[]): Promise<Rows>;
  /** Gives the connection back to whoever waits for it. */
  release(): void;
}

/** A Kysely whose connections are `acquire`'s. */
export function toDb(acquire: () => Promise<Session>): Db {
  const sessions = new WeakMap<object, Session>();
  const sessionOf = (connection: object): Session => {
    const session = sessions.get(connection);
    if (session === undefined) throw new Error("This connection is not one of the kernel's.");
    return session;
  };
  return new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createDriver: () => ({
        init: async () => {},
        acquireConnection: async () => {
          const session = await acquire();
          const connection = {
            executeQuery: async <Row>({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) => {
              const rows = await session.run(sql, parameters);
              // Each statement names its own columns.
              return { rows: rows as readonly Row[] as Row[], numAffectedRows: BigInt(rows.affected ?? 0) };
            },
            streamQuery: () => {
              throw new Error("The product streams no rows.");
            },
          };
          sessions.set(connection, session);
          return connection;
        },
        beginTransaction: async (connection) => void (await sessionOf(connection).run("begin", [])),
        commitTransaction: async (connection) => void (await sessionOf(connection).run("commit", [])),
        rollbackTransaction: async (connection) => void (await sessionOf(connection).run("rollback", [])),
        releaseConnection: async (connection) => sessionOf(connection).release(),
        destroy: async () => {},
      }),
    },
  });
}
