import { type Config, defineBatch, defineConfig, defineConnector, pageStep, type ReadPage, Secret } from "@belay/sdk";
import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog } from "../catalog/index.ts";
import type { Database, Db } from "../db/index.ts";
import type { StepRecord } from "../mailbox/index.ts";
import { beginDue } from "./begin-due.ts";
import { batchJobs, cancelRun, keepPages, readRuns, startRun } from "./index.ts";
import { ensureDue } from "./store.ts";

const mailer = defineConnector({
  id: "mailer",
  title: "Mailer",
  baseUrl: "https://mailer.example",
  auth: { kind: "bearer" },
  resources: {
    letter: {
      path: "/letters",
      id: "id",
      schema: z.object({ id: z.string() }),
      create: { input: z.object({ to: z.string() }), safety: { kind: "natural" } },
    },
  },
});

const config: Config = defineConfig({
  connectors: [mailer],
  flows: [],
  batches: [
    defineBatch({ id: "letters", to: mailer, every: "1h", over: () => Promise.resolve({ items: ["a"] }), run: async () => {} }),
    defineBatch({ id: "calls", to: mailer, over: () => Promise.resolve({ items: [] }), run: async () => {} }),
  ],
  connections: ["acme", "initech"].map((tenant) => ({
    id: `${tenant}-mailer`,
    tenant,
    connector: "mailer",
    credential: { token: new Secret("x") },
  })),
});
const catalog = buildCatalog(config);
const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

const partsOf = (db: Db): Parameters<typeof beginDue>[0] => ({ db, cipher: vaultOf(db), catalog, onCommitted: () => {}, logger: silent });
const start = async (db: Db, batch = "letters", tenant = "acme"): Promise<string> =>
  startRun(partsOf(db), { tenant, batch, input: { since: 1 }, actor: "admin" });

function pageOf(run: string, page: number, more: Partial<ReadPage> = {}): StepRecord {
  const items = [0, 1].map((index) => ({ order: null, item: `${page}-${index}` }));
  const result = JSON.stringify({ run, page, items, next: { cursor: page + 1 }, input: null, total: null, ...more } satisfies ReadPage);
  return { tenant: "acme", mailbox: "acme-mailer/backfill", message: 1, name: pageStep, result, wrote: false };
}

const keeper = (db: Db): ((record: StepRecord) => Promise<void>) =>
  keepPages(partsOf(db), () => Promise.reject(new Error("This is no step of a flow.")));

const keysOf = async (db: Db): Promise<string[]> => {
  const { rows } = await sql<{ key: string }>`select event_type || ' ' || event_key as key from belay.message order by id`.execute(db);
  return rows.map(({ key }) => key.replaceAll(/run_[0-9a-f]+/g, "run"));
};

describe.each(databases)("batches on $name", ({ open }) => {
  let database: Database;
  let db: Db;

  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });

  beforeEach(() =>
    sql`truncate belay.batch_run, belay.batch_due, belay.batch_key, belay.message, belay.mailbox, belay.dead_letter`.execute(db),
  );

  test("a run begins with the message that asks for its first page", async () => {
    await start(db);
    expect(await keysOf(db)).toEqual(["batch.read run/0"]);
    expect(await readRuns(db, { tenant: "acme" }, 10)).toMatchObject([
      { state: "reading", items: 0, done: 0, waiting: 0, etaSeconds: null },
    ]);
  });

  test("a page's items stand before the message that asks for the next, and the last page asks for none", async () => {
    const run = await start(db);
    await keeper(db)(pageOf(run, 0));
    await keeper(db)(pageOf(run, 1, { next: null }));
    expect(await keysOf(db)).toEqual([
      "batch.read run/0",
      "batch.item run/0/0",
      "batch.item run/0/1",
      "batch.read run/1",
      "batch.item run/1/0",
      "batch.item run/1/1",
    ]);
  });

  test("a page that is read again, or comes too early, is kept by nobody", async () => {
    const run = await start(db);
    await keeper(db)(pageOf(run, 0));
    const before = await keysOf(db);
    await keeper(db)(pageOf(run, 0));
    await keeper(db)(pageOf(run, 3));
    await keeper(db)(pageOf("run_of-nobody", 0));
    await keeper(db)({ ...pageOf(run, 1), tenant: "globex" });
    expect(await keysOf(db)).toEqual(before);
  });

  test("of a listing in which records move while it is read each is one item, and nothing is remembered when everything was read", async () => {
    const run = await start(db);
    const item = (key: string) => ({ order: null, key, item: key });
    await keeper(db)(pageOf(run, 0, { items: [item("a"), item("b"), item("a")] }));
    await keeper(db)(pageOf(run, 1, { items: [item("b"), item("c")] }));
    const other = await sql<{ key: string }>`select key from belay.batch_key order by key`.execute(db);
    expect(other.rows.map(({ key }) => key)).toEqual(["a", "b", "c"]);
    await keeper(db)(pageOf(run, 2, { items: [item("a"), item("d")], next: null }));
    expect((await keysOf(db)).filter((key) => key.startsWith("batch.item"))).toHaveLength(4);
    expect(await readRuns(db, {}, 10)).toMatchObject([{ items: 4 }]);
    expect((await sql`select 1 from belay.batch_key`.execute(db)).rows).toEqual([]);
  });

  test("other results of steps go on to where they belong", async () => {
    const seen: string[] = [];
    const keep = keepPages(partsOf(db), ({ name }) => Promise.resolve(void seen.push(name)));
    await keep({ ...pageOf("run", 0), name: "send" });
    expect(seen).toEqual(["send"]);
  });

  test("progress counts what is done, waits and has failed, and says how long the rest will take", async () => {
    const run = await start(db);
    await keeper(db)(pageOf(run, 0, { total: 8 }));
    await sql`delete from belay.message where event_key like '%/0/0'`.execute(db);
    await sql`update belay.batch_run set started_at = belay.now() - interval '10 seconds'`.execute(db);
    const [reading] = await readRuns(db, { batch: "letters" }, 10);
    expect(reading).toMatchObject({ state: "reading", items: 2, total: 8, done: 1, failed: 0 });
    expect(reading!.etaSeconds).toBeGreaterThanOrEqual(70);
    await keeper(db)(pageOf(run, 1, { next: null }));
    expect(await readRuns(db, {}, 10)).toMatchObject([{ state: "working", items: 4, done: 1, waiting: 3 }]);
    await sql`delete from belay.message`.execute(db);
    expect(await readRuns(db, {}, 10)).toMatchObject([{ state: "finished", items: 4, done: 4, waiting: 0, etaSeconds: 0 }]);
    expect(await readRuns(db, { tenant: "globex" }, 10)).toEqual([]);
  });

  test("of a batch and tenant one run reads at a time; who cancels it can begin another, and nothing more is added to the first", async () => {
    const run = await start(db);
    await expect(start(db)).rejects.toMatchObject({ code: "BATCH_READING" });
    await start(db, "calls");
    await cancelRun(db, { tenant: "acme", id: run });
    await keeper(db)(pageOf(run, 0));
    expect(await keysOf(db)).toEqual(["batch.read run/0", "batch.read run/0"]);
    await expect(cancelRun(db, { tenant: "acme", id: run })).rejects.toMatchObject({ code: "BATCH_RUN_UNKNOWN" });
    await start(db);
  });

  test("what is not there cannot be started or cancelled", async () => {
    await expect(start(db, "none")).rejects.toMatchObject({ code: "BATCH_UNKNOWN" });
    await expect(start(db, "letters", "globex")).rejects.toMatchObject({ code: "BATCH_NOT_CONNECTED" });
    const id = await start(db);
    await expect(cancelRun(db, { tenant: "globex", id })).rejects.toMatchObject({ code: "BATCH_RUN_UNKNOWN" });
  });

  test("a schedule begins what is due once, and passes over what cannot begin", async () => {
    await ensureDue(db, [
      { tenant: "acme", batch: "letters", inMs: -1 },
      { tenant: "globex", batch: "letters", inMs: -1 },
      { tenant: "acme", batch: "gone", inMs: -1 },
      { tenant: "acme", batch: "calls", inMs: 60_000 },
    ]);
    await beginDue(partsOf(db));
    await beginDue(partsOf(db));
    expect(await readRuns(db, {}, 10)).toMatchObject([{ batch: "letters", tenant: "acme", startedBy: "schedule" }]);
    const { rows } = await sql<{
      batch: string;
    }>`select batch from belay.batch_due where due_at > belay.now() + interval '50 minutes' order by 1`.execute(db);
    expect(rows.map(({ batch }) => batch)).toEqual(["letters", "letters"]);
  });

  test("what a process of an older configuration does not know is left due to those who do, and is in nobody's way", async () => {
    const older = buildCatalog({ ...config, batches: [] });
    const dueAt = async (): Promise<unknown[]> =>
      (await sql<{ text: string }>`select tenant || ' ' || batch || ' ' || due_at as text from belay.batch_due order by 1`.execute(db))
        .rows;
    const strange = Array.from({ length: 150 }, (_, number) => ({ tenant: "acme", batch: `newer-${number}`, inMs: -1_000 }));
    await ensureDue(db, [...strange, { tenant: "acme", batch: "letters", inMs: -1 }]);
    const before = await dueAt();
    await beginDue({ ...partsOf(db), catalog: older });
    expect(await dueAt()).toEqual(before);
    await beginDue(partsOf(db));
    expect(await readRuns(db, {}, 10)).toMatchObject([{ batch: "letters", tenant: "acme" }]);
  });

  test("what has been due for a month is nobody's any more, and is forgotten", async () => {
    await ensureDue(db, [
      { tenant: "acme", batch: "gone", inMs: -31 * 24 * 3_600_000 },
      { tenant: "acme", batch: "newer", inMs: -3_600_000 },
    ]);
    for (const job of batchJobs(db)) await job.run();
    const { rows } = await sql`select batch from belay.batch_due`.execute(db);
    expect(rows).toEqual([{ batch: "newer" }]);
  });

  test("what is due and cannot be written down now stays due, and holds up no other", async () => {
    await ensureDue(db, [
      { tenant: "acme", batch: "letters", inMs: -2 },
      { tenant: "initech", batch: "letters", inMs: -1 },
    ]);
    const { cipher, ...parts } = partsOf(db);
    let isAway = true;
    const seal: typeof cipher.seal = async (items) => {
      if (isAway && items.some(({ tenant }) => tenant === "acme")) throw new Error("The key of this tenant cannot be had now.");
      return await cipher.seal(items);
    };
    const begin = async (): Promise<void> => await beginDue({ ...parts, cipher: { ...cipher, seal } });
    await expect(begin()).rejects.toThrow("cannot be had now");
    expect(await readRuns(db, {}, 10)).toMatchObject([{ tenant: "initech" }]);
    isAway = false;
    await begin();
    expect(await readRuns(db, { tenant: "acme" }, 10)).toMatchObject([{ batch: "letters", startedBy: "schedule" }]);
  });
});

describe("two processes of one schedule", () => {
  test("begin a run that is due once between them", async () => {
    await using database = await openFreshPostgres();
    const { db } = database;
    await ensureDue(db, [{ tenant: "acme", batch: "letters", inMs: -1 }]);
    await Promise.all([1, 2, 3].map(async () => beginDue(partsOf(db))));
    expect(await readRuns(db, {}, 10)).toHaveLength(1);
  });
});

describe("two readers of one page", () => {
  test("keep it once between them, whoever comes first", async () => {
    await using database = await openFreshPostgres();
    const { db } = database;
    const run = await start(db);
    for (let page = 0; page < 10; page++) await Promise.all([1, 2, 3].map(async () => keeper(db)(pageOf(run, page))));
    const keys = await keysOf(db);
    expect(keys).toHaveLength(1 + 10 * 3);
    expect(new Set(keys).size).toBe(keys.length);
    expect(await readRuns(db, {}, 1)).toMatchObject([{ items: 20 }]);
  });
});
