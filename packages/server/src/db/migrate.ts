import { readdir, readFile } from "node:fs/promises";
import { sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { BelayError } from "@belay/sdk";
import { ensureDayPartitions } from "./day-partitions.ts";
import type { Db } from "./open-database.ts";

const folder = new URL("./migrations/", import.meta.url);

/** The names of all migrations, in order. */
export async function listMigrations(): Promise<string[]> {
  return (await readdir(folder))
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => name.replace(/\.sql$/, ""));
}

/** Statements of a file are separated by a blank line, because PGlite takes one statement at a time. */
function toStatements(text: string): string[] {
  return text
    .split(/\n\s*\n/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replaceAll(/^--.*$/gm, "").trim() !== "");
}

async function readMigrations(): Promise<Record<string, Migration>> {
  const entries = (await listMigrations()).map(async (name): Promise<[string, Migration]> => {
    const statements = toStatements(await readFile(new URL(`${name}.sql`, folder), "utf8"));
    const up = async (db: Db): Promise<void> => {
      for (const statement of statements) await sql.raw(statement).execute(db);
    };
    return [name, { up }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

/**
 * Brings the schema up to date, forward only, under an advisory lock: several processes may start at once. Calling it twice is safe.
 *
 * @returns the names of the migrations that were applied now.
 * @throws `DB_MIGRATION_FAILED` naming the migration; nothing of it stays.
 */
export async function migrate(db: Db): Promise<string[]> {
  await alone(db, (tx) => sql`create schema if not exists belay`.execute(tx));
  const migrator = new Migrator({ db, provider: { getMigrations: readMigrations }, migrationTableSchema: "belay" });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const failed = results?.find(({ status }) => status === "Error")?.migrationName ?? "the first";
    throw new BelayError("DB_MIGRATION_FAILED", `Migration ${failed} failed; the database is as it was before it.`, { cause: error });
  }
  await alone(db, async (tx) => {
    await sql`select belay.ensure_history_partitions(7), belay.ensure_reference_partitions(1)`.execute(tx);
    await ensureDayPartitions(tx, "attempt");
  });
  return (results ?? []).filter(({ status }) => status === "Success").map(({ migrationName }) => migrationName);
}

/** "If not exists" looks first and creates then: of two processes that start at once one would fail. The migrator's own lock covers migrations only. */
async function alone(db: Db, work: (tx: Db) => Promise<unknown>): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(hashtext('belay migrate'))`.execute(tx);
    await work(tx);
  });
}
