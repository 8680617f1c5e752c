import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database, Db } from "../db/index.ts";
import {
  acknowledgeChanges,
  appendChanges,
  changePurpose,
  type ChangeBatch,
  defineConsumer,
  findSilentConsumers,
  listConsumers,
  type NewChange,
  readChanges,
  removeConsumer,
  rewindConsumer,
} from "./index.ts";
import { sweepFeeds } from "./jobs.ts";

const everybody = { owner: "", name: "warehouse" };
const acmes = { owner: "acme", name: "warehouse" };
const options = { limit: 100, mostBytes: 1_000_000, leaseMs: 60_000 };

const change = (record: string, more: Partial<NewChange> = {}): NewChange => ({ model: "contact", record, kind: "created", ...more });

async function append(db: Db, tenant: string, ...changes: readonly NewChange[]): Promise<number[]> {
  return db.transaction().execute(async (tx) => appendChanges(tx, tenant, changes));
}

const read = async (db: Db, consumer = everybody, more: Partial<typeof options> = {}): Promise<ChangeBatch> =>
  readChanges({ db, cipher: vaultOf(db) }, consumer, { ...options, ...more });

const told = ({ items }: ChangeBatch): string[] => items.map(({ tenant, position, record }) => `${tenant} ${position} ${record}`);

/** Reads and acknowledges until there is nothing. */
async function drain(db: Db, consumer = everybody, more: Partial<typeof options> = {}): Promise<string[]> {
  const all: string[] = [];
  for (;;) {
    const batch = await read(db, consumer, more);
    if (batch.batch === null) return all;
    all.push(...told(batch));
    await acknowledgeChanges(db, consumer, batch.batch);
  }
}

describe.each(databases)("consumers of the change feed on $name", ({ open }) => {
  let database: Database;
  let db: Db;

  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });

  beforeEach(() => sql`truncate belay.feed, belay.change, belay.feed_consumer, belay.feed_cursor`.execute(db));

  test("that nobody reads are found after some days, where something waits for them", async () => {
    const daysPass = async (days: number): Promise<unknown> =>
      sql`update belay.feed_consumer set created_at = created_at - ${days} * interval '1 day', read_at = read_at - ${days} * interval '1 day'`.execute(
        db,
      );
    const silent = async (): Promise<string[]> =>
      (await findSilentConsumers(db, 7)).map(({ owner, name, days }) => `${owner}/${name} ${Math.floor(days)}`);
    await defineConsumer(db, everybody, {}, "start");
    await defineConsumer(db, acmes, {}, "start");
    await daysPass(10);
    expect(await silent()).toEqual([]);
    await append(db, "globex", change("a"));
    expect(await silent()).toEqual(["/warehouse 10"]);
    await append(db, "acme", change("a"));
    await daysPass(1);
    expect(await silent()).toEqual(["/warehouse 11", "acme/warehouse 11"]);
    // A reader that has died holds what it was given.
    await read(db);
    expect(await silent()).toEqual(["acme/warehouse 11"]);
    await drain(db, acmes);
    await daysPass(8);
    expect(await silent()).toEqual(["/warehouse 8"]);
  });

  test("get what was appended before and after they were defined, each tenant's in its order", async () => {
    await append(db, "acme", change("a"), change("b"));
    await append(db, "globex", change("c"));
    await defineConsumer(db, everybody, {}, "start");
    const batch = await read(db);
    expect(told(batch)).toEqual(["acme 1 a", "globex 1 c", "acme 2 b"]);
    await acknowledgeChanges(db, everybody, batch.batch!);
    expect(await read(db)).toMatchObject({ batch: null, items: [] });
    await append(db, "globex", change("d"));
    expect(await drain(db)).toEqual(["globex 2 d"]);
  });

  test("that begin at the end get only what comes from then on", async () => {
    await append(db, "acme", change("a"));
    await defineConsumer(db, everybody, {}, "end");
    expect(await drain(db)).toEqual([]);
    await append(db, "acme", change("b"));
    await append(db, "new", change("c"));
    expect((await drain(db)).toSorted()).toEqual(["acme 2 b", "new 1 c"]);
  });

  test("of one tenant see that tenant only, and two of one name with different owners know nothing of each other", async () => {
    await append(db, "acme", change("a"));
    await append(db, "globex", change("b"));
    await defineConsumer(db, everybody, {}, "start");
    await defineConsumer(db, acmes, {}, "start");
    expect(await drain(db, acmes)).toEqual(["acme 1 a"]);
    expect(await drain(db)).toEqual(["acme 1 a", "globex 1 b"]);
  });

  test("nobody reads what is held, and after the lease it comes again to whoever asks", async () => {
    await append(db, "acme", change("a"));
    await defineConsumer(db, everybody, {}, "start");
    const held = await read(db);
    expect(await read(db)).toMatchObject({ batch: null });
    await sql`update belay.feed_cursor set leased_until = belay.now()`.execute(db);
    const again = await read(db);
    expect(told(again)).toEqual(told(held));
    await expect(acknowledgeChanges(db, everybody, held.batch!)).rejects.toMatchObject({ code: "FEED_LEASE_LOST" });
    expect(await acknowledgeChanges(db, everybody, again.batch!)).toEqual({ positions: [{ tenant: "acme", position: 1 }], lost: 0 });
    expect(await drain(db)).toEqual([]);
  });

  test("acknowledging twice, or late while nobody else has it, is safe", async () => {
    await append(db, "acme", change("a"), change("b"));
    await defineConsumer(db, everybody, {}, "start");
    const { batch } = await read(db, everybody, { limit: 1 });
    await sql`update belay.feed_cursor set leased_until = belay.now()`.execute(db);
    await acknowledgeChanges(db, everybody, batch!);
    await acknowledgeChanges(db, everybody, batch!);
    expect(await drain(db)).toEqual(["acme 2 b"]);
  });

  test("who acknowledges again, and says more than was given, moves nothing", async () => {
    await append(db, "acme", change("a"), change("b"));
    await defineConsumer(db, everybody, {}, "start");
    const { batch } = await read(db, everybody, { limit: 1 });
    await acknowledgeChanges(db, everybody, batch!);
    const again = await acknowledgeChanges(db, everybody, batch!, [{ tenant: "acme", position: 99 }]);
    expect(again.positions).toEqual([{ tenant: "acme", position: 1 }]);
    await append(db, "acme", change("c"));
    expect(await drain(db)).toEqual(["acme 2 b", "acme 3 c"]);
  });

  test("a tenant that is named twice in an acknowledgement counts as far as the lower place", async () => {
    await append(db, "acme", change("a"), change("b"), change("c"));
    await defineConsumer(db, everybody, {}, "start");
    const { batch } = await read(db);
    const through = [2, 1].map((position) => ({ tenant: "acme", position }));
    expect((await acknowledgeChanges(db, everybody, batch!, through)).positions).toEqual([{ tenant: "acme", position: 1 }]);
  });

  test("what was done in part can be acknowledged in part, and nothing beyond what was given", async () => {
    await append(db, "acme", change("a"), change("b"), change("c"));
    await defineConsumer(db, everybody, {}, "start");
    const first = await read(db);
    await acknowledgeChanges(db, everybody, first.batch!, [{ tenant: "acme", position: 1 }]);
    const second = await read(db, everybody, { limit: 1 });
    expect(told(second)).toEqual(["acme 2 b"]);
    expect((await acknowledgeChanges(db, everybody, second.batch!, [{ tenant: "acme", position: 99 }])).positions).toEqual([
      { tenant: "acme", position: 2 },
    ]);
    expect(await drain(db)).toEqual(["acme 3 c"]);
  });

  test.each(["", "x", "00000000-0000-4000-8000-000000000000.1", "00000000-0000-4000-8000-000000000000", "'; drop table belay.feed; --.1"])(
    "a made-up batch %j is nobody's, and one of another consumer neither",
    async (batch) => {
      await append(db, "acme", change("a"));
      await defineConsumer(db, everybody, {}, "start");
      await defineConsumer(db, acmes, {}, "start");
      const held = await read(db, acmes);
      await expect(acknowledgeChanges(db, everybody, batch)).rejects.toMatchObject({ code: "FEED_LEASE_LOST" });
      await expect(acknowledgeChanges(db, everybody, held.batch!)).rejects.toMatchObject({ code: "FEED_LEASE_LOST" });
      expect(await drain(db)).toEqual(["acme 1 a"]);
    },
  );

  test("pages keep to their count and bytes; a change that is longer goes out alone", async () => {
    const seal = async (record: string, bytes: number): Promise<NewChange> => {
      const value = Buffer.from(JSON.stringify({ data: { text: "x".repeat(bytes) } }));
      const [contents] = await vaultOf(db).seal([{ tenant: "acme", purpose: changePurpose({ model: "contact", record }), value }]);
      return change(record, { contents: contents! });
    };
    await append(db, "acme", await seal("a", 400), await seal("b", 400), await seal("c", 2_000), await seal("d", 10), await seal("e", 10));
    await defineConsumer(db, everybody, {}, "start");
    const sizes: number[] = [];
    for (let batch = await read(db, everybody, { mostBytes: 1_000 }); batch.batch !== null;) {
      sizes.push(batch.items.length);
      await acknowledgeChanges(db, everybody, batch.batch);
      batch = await read(db, everybody, { mostBytes: 1_000 });
    }
    expect(sizes).toEqual([2, 1, 2]);
    await rewindConsumer(db, everybody, "start");
    expect((await read(db, everybody, { limit: 3 })).items).toHaveLength(3);
  });

  test("contents come opened; after a deletion there are none, and without the tenant's keys they are said to be sealed", async () => {
    const [contents] = await vaultOf(db).seal([
      { tenant: "acme", purpose: changePurpose(change("a")), value: Buffer.from('{"data":{"email":"ada@example.com"},"raw":{"x":1}}') },
    ]);
    await append(db, "acme", change("a", { contents: contents! }), change("b", { kind: "deleted" }));
    await defineConsumer(db, everybody, {}, "start");
    expect((await read(db)).items).toMatchObject([
      { record: "a", data: { email: "ada@example.com" }, sealed: false },
      { record: "b", kind: "deleted", data: null, sealed: false },
    ]);
    await vaultOf(db).destroy("acme");
    await rewindConsumer(db, everybody, "start");
    expect((await read(db)).items[0]).toMatchObject({ data: null, sealed: true });
  });

  test("a filter passes over what is not asked for, however much it is, and the consumer is not behind afterwards", async () => {
    const many = Array.from({ length: 900 }, (_, index) => change(`t${index}`, { model: "ticket" }));
    await append(db, "acme", ...many, change("a", { connection: "acme-crm" }), change("b", { connection: "acme-shop" }), ...many);
    await defineConsumer(db, everybody, { models: ["contact"], connections: ["acme-crm", "other"] }, "start");
    expect(await drain(db, everybody, { limit: 5 })).toEqual(["acme 901 a"]);
    for (let turn = 0; turn < 3; turn++) await read(db, everybody, { limit: 5 });
    await drain(db, everybody, { limit: 50 });
    expect(await listConsumers(db, "")).toMatchObject([{ name: "warehouse", behind: 0, tenants: 0, models: ["contact"] }]);
  });

  test("defining one again changes nothing, and with another filter is refused", async () => {
    await append(db, "acme", change("a"));
    expect(await defineConsumer(db, everybody, { models: ["contact", "order"] }, "start")).toBe(true);
    await drain(db);
    expect(await defineConsumer(db, everybody, { models: ["order", "contact"] }, "start")).toBe(false);
    expect(await drain(db)).toEqual([]);
    await expect(defineConsumer(db, everybody, {}, "start")).rejects.toMatchObject({ code: "FEED_CONSUMER_DIFFERS" });
  });

  test("who is unknown is told so, whatever it asks for", async () => {
    const unknown = { code: "FEED_CONSUMER_UNKNOWN" };
    await expect(read(db)).rejects.toMatchObject(unknown);
    await expect(acknowledgeChanges(db, everybody, "00000000-0000-4000-8000-000000000000.1")).rejects.toMatchObject(unknown);
    await expect(rewindConsumer(db, everybody, "start")).rejects.toMatchObject(unknown);
    await expect(removeConsumer(db, everybody)).rejects.toMatchObject(unknown);
    await defineConsumer(db, everybody, {}, "start");
    await removeConsumer(db, everybody);
    await expect(read(db)).rejects.toMatchObject(unknown);
  });

  test("rewinding goes to a position, to a moment, to either end, in all feeds or one, and takes away what readers hold", async () => {
    for (const tenant of ["acme", "globex"]) {
      await append(db, tenant, change("a"), change("b"));
      await sql`update belay.change set at = at - interval '2 hours' where tenant = ${tenant}`.execute(db);
      await append(db, tenant, change("c"));
    }
    await defineConsumer(db, everybody, {}, "start");
    await drain(db);
    expect(await rewindConsumer(db, everybody, { position: 1 }, { tenant: "acme" })).toBe(1);
    const held = await read(db, everybody, { limit: 1 });
    expect(told(held)).toEqual(["acme 2 b"]);
    expect(await rewindConsumer(db, everybody, { time: new Date(Date.now() - 3_600_000).toISOString() })).toBe(2);
    await expect(acknowledgeChanges(db, everybody, held.batch!)).rejects.toMatchObject({ code: "FEED_LEASE_LOST" });
    expect((await drain(db)).toSorted()).toEqual(["acme 3 c", "globex 3 c"]);
    await rewindConsumer(db, everybody, "start");
    expect(await drain(db)).toHaveLength(6);
    await rewindConsumer(db, everybody, "start");
    await rewindConsumer(db, everybody, "end");
    expect(await drain(db)).toEqual([]);
  });

  describe("after old versions were forgotten", () => {
    beforeEach(async () => {
      await append(db, "acme", change("a"), change("b"), change("c"));
      await append(db, "acme", change("a", { kind: "updated", previous: 1 }), change("b", { kind: "deleted", previous: 2 }));
    });
    const age = async (days: number): Promise<void> => {
      await sql`update belay.change set at = at - make_interval(days => ${days}::integer)`.execute(db);
      await sql`update belay.feed set at = at - make_interval(days => ${days}::integer)`.execute(db);
    };

    test("who has read them is told of no gap", async () => {
      await defineConsumer(db, everybody, {}, "start");
      await drain(db);
      await age(31);
      await sweepFeeds(db, 30);
      await append(db, "acme", change("d"));
      expect(await drain(db)).toEqual(["acme 6 d"]);
    });

    test("who stands before them is refused until it agrees to the newest of each record, deletions included", async () => {
      await defineConsumer(db, everybody, {}, "start");
      await drain(db, everybody, { limit: 1 });
      await rewindConsumer(db, everybody, { position: 1 });
      await age(31);
      await sweepFeeds(db, 30);
      await expect(read(db)).rejects.toMatchObject({ code: "FEED_TOO_FAR_BEHIND" });
      await expect(rewindConsumer(db, everybody, { position: 1 })).rejects.toMatchObject({ code: "FEED_TOO_FAR_BEHIND" });
      await rewindConsumer(db, everybody, "start");
      const batch = await read(db);
      expect([told(batch), batch.newestOnly]).toEqual([["acme 3 c", "acme 4 a", "acme 5 b"], ["acme"]]);
      await acknowledgeChanges(db, everybody, batch.batch!);
      await append(db, "acme", change("d"));
      expect((await read(db)).newestOnly).toEqual([]);
    });

    test("what is young stays, and each record's newest whatever its age", async () => {
      await age(29);
      await sweepFeeds(db, 30);
      await defineConsumer(db, everybody, {}, "start");
      expect(await drain(db)).toHaveLength(5);
      await age(300);
      await sweepFeeds(db, 30);
      await sweepFeeds(db, 30);
      await rewindConsumer(db, everybody, "start");
      expect(await drain(db)).toHaveLength(3);
    });
  });

  test("a tenant with very much leaves the others their share of each page", async () => {
    await append(db, "noisy", ...Array.from({ length: 500 }, (_, index) => change(`n${index}`)));
    for (const tenant of ["a", "b", "c"]) await append(db, tenant, change("x"), change("y"));
    await defineConsumer(db, everybody, {}, "start");
    const first = told(await read(db, everybody, { limit: 10 }));
    expect(first.filter((line) => !line.startsWith("noisy"))).toHaveLength(6);
    expect(first).toHaveLength(10);
  });
});

describe("several readers of one consumer", () => {
  test("never hold changes of the same tenant, and between them get everything once", async () => {
    await using database = await openFreshPostgres();
    const { db } = database;
    const tenants = Array.from({ length: 12 }, (_, index) => `tenant-${index}`);
    for (const tenant of tenants) await append(db, tenant, ...Array.from({ length: 25 }, (_, index) => change(`r${index}`)));
    await defineConsumer(db, everybody, {}, "start");
    const held = new Set<string>();
    const seen: string[] = [];
    const work = async (): Promise<void> => {
      while (seen.length < tenants.length * 25) {
        const batch = await read(db, everybody, { limit: 7 });
        if (batch.batch === null) continue;
        const own = new Set(batch.items.map(({ tenant }) => tenant));
        for (const tenant of own) {
          expect(held).not.toContain(tenant);
          held.add(tenant);
        }
        seen.push(...told(batch));
        for (const tenant of own) held.delete(tenant);
        await acknowledgeChanges(db, everybody, batch.batch);
      }
    };
    await Promise.all([work(), work(), work(), work()]);
    expect(seen).toHaveLength(tenants.length * 25);
    expect(new Set(seen).size).toBe(seen.length);
    for (const tenant of tenants)
      expect(seen.filter((line) => line.startsWith(`${tenant} `)).map((line) => Number(line.split(" ")[1]))).toEqual(
        Array.from({ length: 25 }, (_, index) => index + 1),
      );
  });
});
