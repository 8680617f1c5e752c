import type { TestProject } from "vitest/node";
import { startEmbeddedPostgres } from "./embedded-postgres.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the one PostgreSQL of this run, as superuser. Tests use `database.ts` beside this file instead. */
    postgresUrl: string;
  }
}

/** Boots one PostgreSQL for the whole run. Each test file gets a database of its own in it, see `database.ts`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const postgres = await startEmbeddedPostgres();
  project.provide("postgresUrl", postgres.url);
  return () => postgres[Symbol.asyncDispose]();
}
