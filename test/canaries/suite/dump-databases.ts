import { writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { dumpDatabase } from "../dump-database.ts";
import { directoryVariable } from "./watch-secrets.ts";

/** At the end of the run, before PostgreSQL stops: everything that is in its databases, as text; in its files long values are compressed. */
export default function setup(project: TestProject): () => Promise<void> {
  return async () => {
    const directory = process.env[directoryVariable];
    const url = project.getProvidedContext().postgresUrl;
    if (directory === undefined) return;
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datallowconn and datname like 'test%'",
    );
    await client.query("checkpoint");
    await client.end();
    for (const { name } of rows) writeFileSync(join(directory, "said", `${name}.dump`), await dumpDatabase(url.replace(/[^/]+$/, name)));
  };
}
