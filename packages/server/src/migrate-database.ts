import { type DatabaseOptions, migrate, openDatabase } from "./db/index.ts";

/** What a migration of a database did. */
export interface MigratedDatabase {
  /** The migrations that were applied now, in order; empty when the schema was up to date. */
  readonly applied: readonly string[];
}

/**
 * Brings a database's schema up to date and does nothing else; `startBelay` does it by itself. Calling it twice is safe, also at once from several processes.
 *
 * @throws `DB_MIGRATION_FAILED` naming the migration; or the database's own error when it cannot be reached.
 */
export async function migrateDatabase(options: DatabaseOptions): Promise<MigratedDatabase> {
  await using database = openDatabase(options);
  return { applied: await migrate(database.db) };
}
