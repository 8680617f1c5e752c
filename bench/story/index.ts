import type { CommandOptions, Report } from "@belay/testkit/report";
import { migrate, openDatabase } from "../../packages/server/src/db/index.ts";
import { startBenchPostgres } from "../support/database.ts";
import { measureSearches } from "./measure.ts";
import { seed, type Shape } from "./seed.ts";

const dayMs = 86_400_000;
/** Slower, and people wait. The requirement of a search by any handle. */
const longestMs = 300;

/**
 * Searches messages by each kind of handle among ten million finished ones, and dead and waiting ones beside them; with the tenant given, and without. Each search must find its
 * target. Fails when, of any kind of handle, 95 of 100 searches are not done in 300 ms.
 */
export async function benchStory(options: CommandOptions, say: (status: string) => void): Promise<Report> {
  const firstDayMs = (Math.floor(Date.now() / dayMs) - 30) * dayMs;
  const shape: Shape = { rows: options.quick ? 200_000 : 10_000_000, days: 30, tenants: 200, firstDayMs };
  await using postgres = await startBenchPostgres();
  const url = await postgres.create("story");
  await using database = openDatabase({ kind: "postgres", url, connections: 2 });
  await migrate(database.db);
  const begunAt = performance.now();
  await seed(postgres, url, shape, say);
  const seedSeconds = Math.round((performance.now() - begunAt) / 1_000);
  const { searchMs, figures, violations } = await measureSearches(database.db, shape, options.seed, say);
  return {
    figures: { searchMs, rows: shape.rows, seedSeconds, ...figures },
    violations: searchMs > longestMs ? [...violations, `searchMs is ${searchMs}, above ${longestMs}.`] : violations,
  };
}
