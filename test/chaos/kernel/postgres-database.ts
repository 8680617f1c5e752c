import pg from "pg";
import { migrate, openDatabase } from "../../../packages/server/src/db/index.ts";
import type { Rows } from "./kernel-database.ts";
import type { Answer, Blocked, HistoryDatabase, Line } from "./line.ts";

const INT8 = 20;
/** More than two processes ever use at once. */
const lineCount = 10;
const tables = ["mailbox", "message", "block", "entity_version", "step", "blob", "dead_letter", "history", "dedupe", "event"];

/** As `openDatabase` asks; but nothing here is ended by the time that passes outside the history. */
const settings = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"].map((name) => `-c ${name}=off`).join(" ");

/**
 * A real PostgreSQL for histories in which the statements of two processes come between each other. The harness asks by a connection of its own who waits for
 * whose lock, so it knows without looking at the time whether a statement is slow or blocked.
 */
export class PostgresDatabase implements HistoryDatabase {
  readonly lines: readonly Line[];
  commits = 0;
  readonly #admin: pg.Client;
  readonly #clients: readonly pg.Client[];
  #clockMs = 0;
  #setClockMs = Number.NaN;

  private constructor(admin: pg.Client, clients: readonly pg.Client[], pids: readonly number[]) {
    this.#admin = admin;
    this.#clients = clients;
    this.lines = clients.map((client, index) => ({ run: (text, parameters) => this.#start(client, pids[index] ?? 0, text, parameters) }));
  }

  /** Migrates the database at `url`, which is the harness's own, and puts `belay.now()` under its command. */
  static async open(url: string): Promise<PostgresDatabase> {
    const database = openDatabase({ kind: "postgres", url, connections: 2 });
    try {
      await migrate(database.db);
    } finally {
      await database.close();
    }
    const clients = await Promise.all(Array.from({ length: lineCount + 1 }, () => connect(url)));
    const [admin, ...others] = clients;
    if (admin === undefined) throw new Error("There is no connection.");
    await admin.query(`
      create unlogged table belay.kernel_clock (ms float8 not null);
      insert into belay.kernel_clock values (0);
      create or replace function belay.now() returns timestamptz language sql stable parallel safe as $$
        select to_timestamp(ms / 1000) from belay.kernel_clock
      $$`);
    const pids = await Promise.all(
      others.map(async (client) => (await client.query<{ pid: number }>("select pg_backend_pid() as pid")).rows[0]?.pid ?? 0),
    );
    return new PostgresDatabase(admin, others, pids);
  }

  async reset(): Promise<void> {
    for (const client of this.#clients) await client.query("rollback");
    await this.#admin.query(`truncate ${tables.map((table) => `belay.${table}`).join(",")}; alter sequence belay.message_id restart`);
  }

  setClock(ms: number): void {
    this.#clockMs = ms;
  }

  async run(text: string, parameters: readonly unknown[]): Promise<Rows> {
    await this.#moveClock();
    return toRows(await this.#admin.query(text, toParameters(parameters)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#admin, ...this.#clients].map((client) => client.end()));
  }

  async #moveClock(): Promise<void> {
    if (this.#setClockMs === this.#clockMs) return;
    this.#setClockMs = this.#clockMs;
    await this.#admin.query("update belay.kernel_clock set ms = $1", [this.#clockMs]);
  }

  async #start(client: pg.Client, pid: number, text: string, parameters: readonly unknown[]): Promise<Answer | Blocked> {
    await this.#moveClock();
    this.commits += 1;
    let answer: Answer | undefined;
    const ended = client.query(text, toParameters(parameters)).then(
      (result) => void (answer = { rows: toRows(result) }),
      (error: unknown) => void (answer = { error: error instanceof Error ? error : new Error(String(error)) }),
    );
    const look = async (): Promise<Answer | undefined> => {
      // Either it ends, or somebody is in its way: everything else is a matter of waiting.
      while (answer === undefined && !(await this.#isBlocked(pid)));
      return answer;
    };
    const cancel = async (): Promise<void> => {
      await this.#admin.query("select pg_cancel_backend($1)", [pid]);
      await ended;
    };
    return (await look()) ?? { look, cancel };
  }

  async #isBlocked(pid: number): Promise<boolean> {
    const { rows } = await this.#admin.query<{ blocked: boolean }>("select cardinality(pg_blocking_pids($1)) > 0 as blocked", [pid]);
    return rows[0]?.blocked === true;
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: url,
    options: `-c jit=off ${settings}`,
    types: {
      // As the product reads them.
      getTypeParser: (oid: number): ((text: string) => unknown) =>
        oid === INT8 ? Number : (pg.types.getTypeParser(oid) as (text: string) => unknown),
    },
  });
  await client.connect();
  return client;
}

/** The driver sends bytes as they are only when they are a Buffer. */
function toParameters(parameters: readonly unknown[]): unknown[] {
  return parameters.map((parameter) => (parameter instanceof Uint8Array ? Buffer.from(parameter) : parameter));
}

function toRows({ rows, rowCount }: pg.QueryResult): Rows {
  return Object.assign(rows as Record<string, unknown>[], { affected: rowCount ?? undefined });
}
