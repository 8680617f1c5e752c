/**
 * Databases for tests: each call gives a new, migrated database that nobody else sees.
 *
 * ```ts
 * describe.each(databases)("mailboxes on $name", ({ open }) => {
 *   let database: Database;
 *   beforeAll(async () => {
 *     database = await open();
 *     return () => database.close();
 *   });
 * ```
 *
 * Open one per test file, not per test: a copy on PostgreSQL takes 40 ms, but PGlite takes 2 s to boot.
 *
 * @module
 */
import { createHash, randomUUID } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import pg from "pg";
import { inject } from "vitest";
import { type Database, migrate, openDatabase } from "../../packages/server/src/db/index.ts";
import { directoryVariable } from "../canaries/suite/watch-secrets.ts";

/** What a test may choose about its database. */
export interface FreshDatabaseOptions {
  /** How many connections the pool may open. PostgreSQL only. Default 10. */
  readonly connections?: number;
  /** How far the database's clock runs ahead of the machine's. PostgreSQL only. */
  readonly clockOffsetMs?: number;
}

/** Databases that behaviour has to hold on, for `describe.each`. PGlite has one connection: races are shown on PostgreSQL only. */
export const databases = [
  { name: "PostgreSQL", open: openFreshPostgres },
  { name: "PGlite", open: openFreshPglite },
] as const;

/** Opens a new PostgreSQL database; closing it drops it. */
export async function openFreshPostgres(options: FreshDatabaseOptions = {}): Promise<Database> {
  const url = await freshPostgres();
  return closingAlso(openDatabase({ kind: "postgres", url, ...options }), () => drop(url));
}

/** Opens a new PGlite in memory. */
async function openFreshPglite(): Promise<Database> {
  const database = openDatabase({ kind: "pglite" });
  await migrate(database.db);
  return database;
}

/**
 * Makes a new PostgreSQL database as a copy of the migrated template (about 40 ms) and returns its URL. For tests that hand a URL to
 * something they start, such as a server process; the database goes away with the run.
 */
export async function freshPostgres(): Promise<string> {
  return withAdmin(async (admin) => {
    const template = await ensureTemplate(admin);
    const name = `test_${randomUUID().replaceAll("-", "")}`;
    await admin.query(`create database ${name} template ${template}`);
    return urlOf(name);
  });
}

/** The template is made by whichever test file asks first; the others wait for it. A changed migration makes another one (watch mode). */
async function ensureTemplate(admin: pg.Client): Promise<string> {
  const name = `template_${digestOfSchema()}`;
  if (await exists(admin, name)) return name;
  await admin.query("select pg_advisory_lock(hashtext('belay test template'))");
  try {
    if (await exists(admin, name)) return name;
    // Under a name of its own until it is complete: a run that was interrupted here leaves no half-migrated template behind.
    const draft = `draft_${randomUUID().replaceAll("-", "")}`;
    await admin.query(`create database ${draft}`);
    const database = openDatabase({ kind: "postgres", url: urlOf(draft), connections: 2 });
    try {
      await migrate(database.db);
    } finally {
      await database.close();
    }
    // Nobody may connect to a template: a single connection would make copying it fail.
    await admin.query(`alter database ${draft} with allow_connections false`);
    await admin.query(`alter database ${draft} rename to ${name}`);
    return name;
  } finally {
    await admin.query("select pg_advisory_unlock(hashtext('belay test template'))");
  }
}

async function exists(admin: pg.Client, name: string): Promise<boolean> {
  const { rowCount } = await admin.query("select from pg_database where datname = $1", [name]);
  return rowCount === 1;
}

function digestOfSchema(): string {
  const folder = new URL("../../packages/server/src/db/", import.meta.url);
  const hash = createHash("sha256");
  for (const file of globSync("**/*.{ts,sql}", { cwd: folder }).toSorted()) hash.update(file).update(readFileSync(new URL(file, folder)));
  return hash.digest("hex").slice(0, 16);
}

function closingAlso(database: Database, after: () => Promise<void>): Database {
  const close = async (): Promise<void> => {
    await database.close();
    await after();
  };
  return { ...database, close, [Symbol.asyncDispose]: close };
}

async function drop(url: string): Promise<void> {
  // Searched for secrets at the end: see test/canaries/suite.
  if (process.env[directoryVariable] !== undefined) return;
  await withAdmin((admin) => admin.query(`drop database if exists ${new URL(url).pathname.slice(1)} with (force)`));
}

async function withAdmin<Result>(work: (admin: pg.Client) => Promise<Result>): Promise<Result> {
  const admin = new pg.Client({ connectionString: inject("postgresUrl") });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

function urlOf(name: string): string {
  return inject("postgresUrl").replace(/[^/]+$/, name);
}
