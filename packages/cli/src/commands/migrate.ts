import { Command } from "commander";
import { readDatabaseUrl } from "../read-option.ts";

/** `belay migrate`: brings a Postgres up to date, and says what it did. */
export function migrateCommand(): Command {
  return new Command("migrate")
    .description("Bring the database up to date. Safe to run twice; belay start does it by itself.")
    .option("--json", "say what was done as one line of JSON")
    .addHelpText("after", "\nEnvironment: DATABASE_URL, the Postgres to migrate.")
    .action(async ({ json }: { readonly json?: true }) => {
      const url = readDatabaseUrl(process.env);
      const { migrateDatabase } = await import("@belay/server");
      const { applied } = await migrateDatabase({ kind: "postgres", url });
      process.stdout.write(json ? `${JSON.stringify({ applied })}\n` : describe(applied));
    });
}

function describe(applied: readonly string[]): string {
  if (applied.length === 0) return "The database is up to date; nothing was done.\n";
  return `The database is up to date. Applied now:\n${applied.map((name) => `  ${name}\n`).join("")}`;
}
