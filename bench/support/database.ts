import pg from "pg";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "../../test/setup/embedded-postgres.ts";

/** A PostgreSQL 18 with its durability on, for a benchmark. */
export interface BenchPostgres extends AsyncDisposable {
  /** Makes an empty database and returns its URL. */
  create(name: string): Promise<string>;
  /** Runs a statement in a database. */
  query<Row extends pg.QueryResultRow>(url: string, text: string, values?: unknown[]): Promise<Row[]>;
  /** The settings that decide what a commit is worth. */
  readonly durability: Readonly<Record<string, string>>;
}

const shown = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method", "shared_buffers", "max_wal_size"];

export async function startBenchPostgres(): Promise<BenchPostgres> {
  const server: EmbeddedPostgres = await startEmbeddedPostgres({
    durable: true,
    settings: { shared_buffers: "512MB", max_wal_size: "4GB" },
  });
  const query = async <Row extends pg.QueryResultRow>(url: string, text: string, values: unknown[] = []): Promise<Row[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const settings = await query<{ name: string; setting: string; unit: string | null }>(
    server.url,
    "select name, setting, unit from pg_settings where name = any($1)",
    [shown],
  );
  return {
    query,
    durability: Object.fromEntries(settings.map(({ name, setting, unit }) => [name, `${setting}${unit ?? ""}`])),
    create: async (name) => {
      await query(server.url, `create database ${name}`);
      return server.url.replace(/[^/]+$/, name);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
