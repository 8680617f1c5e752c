import { afterAll, beforeAll, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { appendChanges, defineConsumer } from "../feed/index.ts";
import { createLogger } from "../telemetry/index.ts";
import { watchHealth } from "./watch-health.ts";

let database: Database;

beforeAll(async () => {
  database = await openFreshPostgres();
});
afterAll(async () => {
  await database.close();
});

/** A clock whose sleeps end when the test says so. */
function steppedClock(): { clock: Parameters<typeof watchHealth>[1]["clock"]; asleep: () => Promise<void>; wake: () => void } {
  let wake = (): void => {};
  let fellAsleep = (): void => {};
  let sleeping = new Promise<void>((resolve) => (fellAsleep = resolve));
  const clock = {
    now: () => 0,
    sleep: (_ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        signal?.addEventListener("abort", () => resolve(), { once: true });
        fellAsleep();
        sleeping = new Promise<void>((next) => (fellAsleep = next));
      }),
  };
  return { clock, asleep: () => sleeping, wake: () => wake() };
}

test("a transaction that stays open is named with what to do, and forgotten when it has ended", async () => {
  const { clock, asleep, wake } = steppedClock();
  let rounds = asleep();
  const holder = await database.db.startTransaction().execute();
  const { sql } = await import("kysely");
  await sql`select 1`.execute(holder);
  const watch = watchHealth(database, { clock, logger: createLogger("silent"), limits: { oldTransactionSeconds: 0 } });
  await rounds;
  expect(watch.threats()).toMatchObject([
    {
      code: "HEALTH_OLD_TRANSACTION",
      what: expect.stringContaining("idle in transaction") as string,
      remedy: expect.stringContaining("pg_terminate_backend") as string,
    },
  ]);
  await holder.rollback().execute();
  rounds = asleep();
  wake();
  await rounds;
  expect(watch.threats()).toEqual([]);
  await watch.stop();
});

test("a consumer of the change feed that nobody reads is named with what to do", async () => {
  await database.db.transaction().execute(async (tx) => appendChanges(tx, "acme", [{ model: "contact", record: "a", kind: "created" }]));
  await defineConsumer(database.db, { owner: "acme", name: "warehouse" }, {}, "start");
  const { clock, asleep } = steppedClock();
  const looked = asleep();
  const watch = watchHealth(database, { clock, logger: createLogger("silent"), limits: { silentConsumerDays: 0 } });
  await looked;
  expect(watch.threats()).toMatchObject([
    {
      code: "HEALTH_FEED_CONSUMER_SILENT",
      owner: "engineer",
      what: "Nobody has read consumer warehouse of tenant acme of the change feed for 0 days, although changes wait.",
      remedy: expect.stringContaining("belay changes remove warehouse --tenant acme") as string,
    },
  ]);
  await watch.stop();
});

test("a database that does not answer is a threat itself", async () => {
  const lost = await openFreshPostgres();
  await lost.close();
  const { clock, asleep } = steppedClock();
  const looked = asleep();
  const watch = watchHealth(lost, { clock, logger: createLogger("silent") });
  await looked;
  expect(watch.threats()).toMatchObject([{ code: "HEALTH_DATABASE_SILENT" }]);
  await watch.stop();
});
