import { sql } from "kysely";
import { beforeAll, expect, test } from "vitest";
import { freshPostgres } from "../../../../test/setup/database.ts";
import { type Database, openDatabase } from "../db/index.ts";
import { type Clock, systemClock } from "../telemetry/index.ts";
import { silent, until } from "./__fixtures__/scripted-runner.ts";
import { listenForWork } from "./listen.ts";
import { notifyWorkers } from "./store.ts";

/** Pauses between attempts take no time, and are counted. */
function hasty(): Clock & { pauses: number } {
  const clock = {
    pauses: 0,
    now: systemClock.now,
    sleep: (_ms: number, signal?: AbortSignal) => {
      clock.pauses += 1;
      return systemClock.sleep(1, signal);
    },
  };
  return clock;
}

let url: string;
let database: Database;
beforeAll(async () => {
  url = await freshPostgres();
  database = openDatabase({ kind: "postgres", url });
  return () => database.close();
});

test("a commit in another process rings, also after the connection was lost, and not after closing", async () => {
  let rings = 0;
  const listener = listenForWork(url, { clock: hasty(), logger: silent, onWake: () => (rings += 1) });
  const ringsAfter = async (work: () => Promise<unknown>): Promise<void> => {
    const before = rings;
    await work();
    await until(() => rings > before);
  };
  await until(() => rings === 1);
  await ringsAfter(() => database.db.transaction().execute((tx) => notifyWorkers(tx, [])));
  // It rings when it listens again: something may have come in between.
  await ringsAfter(() =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'belay listen' and datname = current_database()`.execute(
      database.db,
    ),
  );
  await ringsAfter(() => database.db.transaction().execute((tx) => notifyWorkers(tx, [])));
  await listener.close();
  const before = rings;
  await notifyWorkers(database.db, []);
  await sql`select 1`.execute(database.db);
  expect(rings).toBe(before);
});

test("a transaction that is rolled back does not ring", async () => {
  let rings = 0;
  const listener = listenForWork(url, { clock: hasty(), logger: silent, onWake: () => (rings += 1) });
  await until(() => rings === 1);
  await database.db
    .transaction()
    .execute(async (tx) => {
      await notifyWorkers(tx, []);
      throw new Error("no");
    })
    .catch(() => {});
  await notifyWorkers(database.db, []);
  await until(() => rings > 1);
  expect(rings).toBe(2);
  await listener.close();
});

test("it can be closed at any time: at once, while it tries, twice", async () => {
  const atOnce = listenForWork(url, { clock: hasty(), logger: silent, onWake: () => {} });
  await atOnce.close();
  await atOnce.close();
  const clock = hasty();
  const nowhere = listenForWork("postgres://nobody@127.0.0.1:1/none", { clock, logger: silent, onWake: () => {} });
  await until(() => clock.pauses > 3);
  await nowhere.close();
});
