import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { createLogger } from "../telemetry/index.ts";
import { startJobs } from "./jobs.ts";

describe.each(databases)("scheduled jobs on $name", ({ open }) => {
  let database: Database;

  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  test("start twice, keep their schedule and stop", async () => {
    const job = { name: "test.job", cron: "7 * * * *", longestSeconds: 60, run: () => Promise.resolve() };
    for (let start = 0; start < 2; start += 1) {
      const jobs = await startJobs(database, [job], createLogger("silent"));
      await jobs.stop(1_000);
      await jobs.stop(1_000);
    }
    const { sql } = await import("kysely");
    const { rows } = await sql<{ name: string; cron: string }>`select name, cron from pgboss.schedule where name = 'test.job'`.execute(
      database.db,
    );
    expect(rows).toEqual([{ name: "test.job", cron: "7 * * * *" }]);
  });
});
