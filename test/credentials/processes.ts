import type { Connection } from "@belay/sdk";
import { sql } from "kysely";
import { freshPostgres } from "../setup/database.ts";
import { vaultOf } from "../setup/vault.ts";
import { type Database, type Db, openDatabase } from "../../packages/server/src/db/index.ts";
import { type Clock, systemClock } from "../../packages/server/src/telemetry/index.ts";
import { keepCredentials, type KeptCredentials, type Renewer } from "../../packages/server/src/credentials/index.ts";
import { type CredentialRow, readCredential } from "../../packages/server/src/credentials/store.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

/** Time that tests move, for processes and their database alike. Pauses take next to none, so that whatever polls does so at once. */
export class MovedClock implements Clock {
  #offsetMs = 0;
  readonly #databases: Database[] = [];

  now = (): number => Date.now() + this.#offsetMs;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> => systemClock.sleep(Math.min(ms, 15), signal);

  /** `database` has one connection, whose clock moves from now on. */
  drive(database: Database): void {
    this.#databases.push(database);
  }

  async move(ms: number): Promise<void> {
    this.#offsetMs += ms;
    for (const { db } of this.#databases) await sql`set belay.clock_offset_ms = ${sql.lit(String(this.#offsetMs))}`.execute(db);
  }
}

/** Processes of Belay over one PostgreSQL, as far as credentials go. */
export interface Processes extends AsyncDisposable {
  readonly clock: MovedClock;
  readonly db: Db;
  readonly all: readonly KeptCredentials[];
  readonly connections: Map<string, Connection>;
  /** Connections of a tenant that were told to be usable again. */
  readonly resumed: string[];
  rowOf(connection: Connection): Promise<CredentialRow>;
  /** Types and causes of what was told of a connection, in order. */
  toldOf(connection: Connection): Promise<string[]>;
}

export async function openProcesses(
  count: number,
  renewerOf: (clock: MovedClock) => Renewer,
  options: { readonly leaseMs?: number; readonly waitMs?: number } = {},
): Promise<Processes> {
  const url = await freshPostgres();
  const clock = new MovedClock();
  const renewer = renewerOf(clock);
  const connections = new Map<string, Connection>();
  const resumed: string[] = [];
  const databases = Array.from({ length: count + 1 }, () => openDatabase({ kind: "postgres", url, connections: 1 }));
  for (const database of databases) clock.drive(database);
  const [first, ...others] = databases;
  if (first === undefined) throw new Error("There is no database.");
  const all = others.map(({ db }) =>
    keepCredentials({
      db,
      cipher: vaultOf(db),
      clock,
      random: Math.random,
      logger: silent,
      renewer,
      connections: () => connections,
      onUsable: async (_tx, tenant) => void resumed.push(tenant),
      ...options,
    }),
  );
  return {
    clock,
    db: first.db,
    all,
    connections,
    resumed,
    rowOf: async ({ tenant, id }) => {
      const row = await readCredential(first.db, { tenant, connection: id });
      if (row === undefined) throw new Error(`There is no credential of ${id}.`);
      return row;
    },
    // From the table: a reader of the stream would wait for whatever else runs on the same server.
    toldOf: async ({ tenant, id }) => {
      const { rows } = await sql<{ type: string; cause: string | null }>`
        select type, cause from belay.event where tenant = ${tenant} and connection = ${id} order by event.transaction, event.number
      `.execute(first.db);
      return rows.map(({ type, cause }) => (cause === null ? type : `${type} ${cause}`));
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(all.map((each) => each.close(2_000)));
      await Promise.all(databases.map((database) => database.close()));
    },
  };
}

/** Asks again until the answer is yes. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`did not come about: ${String(holds)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
