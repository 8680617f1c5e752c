import { sql } from "kysely";
import { listMigrations } from "./migrate.ts";
import type { Database } from "./open-database.ts";

/** A database as somebody who looks for what is wrong wants to see it. */
export interface DatabaseFacts {
  readonly kind: Database["kind"];
  /** `18.1` */
  readonly version: string;
  readonly migrations: { readonly applied: string[]; readonly pending: string[] };
  /** Settings on which durability and speed depend. */
  readonly settings: Record<string, string>;
  /** How far its clock is ahead of `now`; the answer's way is counted half. */
  readonly clockAheadMs: number;
  readonly bytes: number;
}

const looked = ["fsync", "synchronous_commit", "full_page_writes", "autovacuum", "max_connections", "server_encoding"];

/** Looks at the database without changing it. It may be one that was never migrated. */
export async function inspectDatabase({ db, kind }: Pick<Database, "db" | "kind">, now: () => number): Promise<DatabaseFacts> {
  const askedAt = now();
  const { rows } = await sql<{ version: string; now: number | null; bytes: number; migrated: boolean }>`
    select current_setting('server_version') as version, pg_database_size(current_database())::float8 as bytes,
      to_regclass('belay.kysely_migration') is not null as migrated,
      -- Ours may be moved, or not be there yet; this is the machine's.
      (select extract(epoch from query_start)::float8 * 1000 from pg_stat_activity where pid = pg_backend_pid()) as now
  `.execute(db);
  const between = (askedAt + now()) / 2;
  const facts = rows[0];
  const settings = await sql<{ name: string; value: string }>`
    select name, current_setting(name) as value from unnest(${looked}::text[]) as name
  `.execute(db);
  const applied =
    facts?.migrated === true
      ? (await sql<{ name: string }>`select name from ${sql.table("belay.kysely_migration")} order by name`.execute(db)).rows.map(
          ({ name }) => name,
        )
      : [];
  return {
    kind,
    version: facts?.version.split(" ")[0] ?? "",
    migrations: { applied, pending: (await listMigrations()).filter((name) => !applied.includes(name)) },
    settings: Object.fromEntries(settings.rows.map(({ name, value }) => [name, value])),
    clockAheadMs: Math.round((facts?.now ?? between) - between),
    bytes: facts?.bytes ?? 0,
  };
}
