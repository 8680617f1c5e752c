import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { deleteOldEvents, type EventFilter, insertEvents, readEvents, type StoredEvent, type StreamPlace } from "./store.ts";
import { eventTypes } from "./taxonomy.ts";
import { writeEvents } from "./tell-events.ts";

const silent = createLogger("silent");

/** What is shown once nothing older is under way: tests beside this one share the server, and hold the newest back as well. */
async function readShown(db: Db, filter: EventFilter = {}, atLeast = 1): Promise<StoredEvent[]> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const events = await readEvents(db, filter, 10);
    if (events.length >= atLeast || performance.now() > deadline) return events;
  }
}

describe.each(databases)("the stream on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => sql`truncate belay.event`.execute(db));

  test("tells what was told, whole, in its order, and of one tenant or type when asked", async () => {
    const whole = {
      type: "message.replayed",
      tenant: "acme",
      connection: "acme-desk",
      flow: "sync",
      message: 7,
      reference: "shop/42",
      actor: "administrator",
      cause: "DESK_REFUSED",
      trace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      data: { attempts: 3 },
    } as const;
    await insertEvents(db, [{ type: "process.started" }, whole]);
    await insertEvents(db, [{ type: "threat.gone", tenant: "other" }]);
    const events = await readShown(db, {}, 3);
    expect(events.map(({ type }) => type)).toEqual(["process.started", "message.replayed", "threat.gone"]);
    expect(events[0]).toMatchObject({ tenant: "", message: null, data: {} });
    expect(events[1]).toMatchObject(whole);
    expect(await readShown(db, { tenant: "acme" })).toHaveLength(1);
    expect(await readShown(db, { type: "threat.gone" })).toMatchObject([{ tenant: "other" }]);
  });

  test("is forgotten after its time", async () => {
    await insertEvents(db, [{ type: "process.started" }, { type: "process.stopped" }]);
    await sql`update belay.event set at = at - interval '40 days' where type = 'process.started'`.execute(db);
    expect(await deleteOldEvents(db, 30, 10)).toBe(1);
    expect((await readShown(db)).map(({ type }) => type)).toEqual(["process.stopped"]);
  });

  test("what no transaction carries is written when the writer is closed, at the latest", async () => {
    const writer = writeEvents(db, { clock: systemClock, logger: silent });
    writer.tell({ type: "process.started" });
    await writer.close();
    await writer.close();
    expect(await readShown(db)).toHaveLength(1);
  });
});

test("a reader who goes on misses nothing and gets nothing twice, however late transactions commit", async () => {
  await using database = await openFreshPostgres();
  const { db } = database;
  const writers = 8;
  const each = 25;
  const write = async (writer: number): Promise<void> => {
    for (let n = 0; n < each; n += 1) {
      await db.transaction().execute(async (tx) => {
        await insertEvents(tx, [{ type: "message.replayed", message: writer * each + n }]);
        // Held open for a while that differs, so that they commit in another order than they began in.
        await sql`select pg_sleep(${((writer * 7 + n * 3) % 5) / 1_000})`.execute(tx);
      });
    }
  };
  const seen: (number | null)[] = [];
  const read = async (): Promise<void> => {
    let after: StreamPlace | undefined;
    // What others of this server have under way in databases of their own holds the newest back as well.
    const deadline = performance.now() + 20_000;
    while (seen.length < writers * each && performance.now() < deadline) {
      const page = await readEvents(db, after === undefined ? {} : { after }, 7);
      seen.push(...page.map(({ message }) => message));
      after = page.at(-1) ?? after;
    }
  };
  await Promise.all([read(), ...Array.from({ length: writers }, (_, writer) => write(writer))]);
  expect(seen).toHaveLength(writers * each);
  expect(new Set(seen).size).toBe(writers * each);
});

test("while the database is away events wait, and of too many the oldest are given up", async () => {
  const lost = await openFreshPostgres();
  await lost.close();
  const warned: object[] = [];
  const logger = { ...silent, warn: (facts: object) => void warned.push(facts) };
  const writer = writeEvents(lost.db, { clock: systemClock, logger });
  for (let n = 0; n < 1_003; n += 1) writer.tell({ type: "threat.gone" });
  await writer.close();
  expect(warned).toMatchObject([{ lost: 3 }]);
});

test("every type is a noun and what happened to it", () => {
  for (const type of Object.keys(eventTypes)) expect(type).toMatch(/^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/);
});
