import type { CommandOptions, Report } from "@belay/testkit/report";
import { startBenchPostgres } from "../support/database.ts";
import { runMeasured } from "./run-measured.ts";

/** 100,000 events (`--quick`: 5,000) to a provider that misbehaves: what Belay counted has to be within 1 % of what sender, provider and database know. */
export async function benchMeasures({ quick, seed }: CommandOptions, say: (status: string) => void): Promise<Report> {
  await using postgres = await startBenchPostgres();
  const url = await postgres.create("measures");
  return await runMeasured({
    events: quick ? 5_000 : 100_000,
    seed,
    database: { kind: "postgres", url },
    query: (text) => postgres.query(url, text),
    say,
  });
}
