import pg from "pg";
import { expect, test } from "vitest";
import { freshPostgres } from "../../test/setup/database.ts";
import { runMeasured } from "./run-measured.ts";

test("what is counted of 2,000 events is what the sender, the provider and the database know, and the percentiles are those of all values", async () => {
  const url = await freshPostgres();
  const query = async (text: string): Promise<readonly Record<string, unknown>[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text)).rows;
    } finally {
      await client.end();
    }
  };
  const { figures, violations } = await runMeasured({ events: 2_000, seed: 1, database: { kind: "postgres", url }, query, say: () => {} });
  expect(violations).toEqual([]);
  // Accepted, duplicates, ignored, quarantined and rejected of three sources, and of three targets statuses, writes, deliveries and dead letters.
  expect(figures["compared"]).toBeGreaterThan(30);
}, 180_000);
