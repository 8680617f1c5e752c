import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { startEmbeddedPostgres } from "../../../../test/setup/embedded-postgres.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { type Database, type Db, migrate, openDatabase } from "../db/index.ts";
import { acknowledgeChanges, appendChanges, defineConsumer, readChanges } from "./index.ts";

/**
 * Sixteen writers whose transactions take their time between begin and commit, three consumers of which two crash and come again. In which order the transactions were
 * committed is told by PostgreSQL itself (`track_commit_timestamp`), which the feed knows nothing of.
 *
 * @see https://www.postgresql.org/docs/18/runtime-config-replication.html#GUC-TRACK-COMMIT-TIMESTAMP
 */
const writers = 16;
const transactionsEach = 25;
const tenants = ["acme", "globex"];
const consumers = ["steady", "clumsy", "clumsier"];
const total = writers * transactionsEach * 2;

interface Seen {
  readonly tenant: string;
  readonly record: string;
}

/** What is wrong with what a consumer was given: missing, twice, or in another order than that of the commits. */
function judge(seen: readonly Seen[], committedAt: ReadonlyMap<string, string>): string[] {
  const faults: string[] = [];
  const records = new Set(seen.map(({ record }) => record));
  for (const record of committedAt.keys()) if (!records.has(record)) faults.push(`${record} is missing`);
  if (records.size !== seen.length) faults.push(`${seen.length - records.size} came twice`);
  for (const tenant of tenants) {
    let before = "";
    for (const { record } of seen.filter((one) => one.tenant === tenant)) {
      const at = committedAt.get(record) ?? "unknown";
      if (at < before) faults.push(`${record} came after what was committed later`);
      before = at;
    }
  }
  return faults;
}

async function write(db: Db, writer: number): Promise<void> {
  for (let turn = 0; turn < transactionsEach; turn++) {
    const tenant = tenants[(writer + turn) % tenants.length]!;
    const records = [`${writer}-${turn}-a`, `${writer}-${turn}-b`];
    await db.transaction().execute(async (tx) => {
      // Begins with a time and an id of its own; others begin, and end, while it takes its time.
      await sql`insert into skew.naive (tenant, record) select ${tenant}, unnest(${records}::text[])`.execute(tx);
      await sql`select pg_sleep(random() * 0.02)`.execute(tx);
      await appendChanges(
        tx,
        tenant,
        records.map((record) => ({ model: "contact", record, kind: "created" })),
      );
      await sql`select pg_sleep(random() * 0.002)`.execute(tx);
    });
  }
}

/** Reads until everything was acknowledged; now and then it forgets what it was given and comes again. What it acknowledges it has seen. */
async function consume(db: Db, name: string, crashes: number): Promise<Seen[]> {
  const consumer = { owner: "", name };
  const seen: Seen[] = [];
  for (let turn = 0; seen.length < total; turn++) {
    const { batch, items } = await readChanges({ db, cipher: vaultOf(db) }, consumer, { limit: 7, mostBytes: 1_000, leaseMs: 40 });
    if (batch === null || (crashes > 0 && turn % crashes === 0)) continue;
    const { positions, lost } = await acknowledgeChanges(db, consumer, batch).catch(() => ({ positions: [], lost: 0 }));
    // What of it was lost comes again.
    if (positions.length > 0 && lost === 0) seen.push(...items);
    else if (lost > 0) seen.push(...items.filter(({ tenant }) => positions.some((place) => place.tenant === tenant)));
  }
  return seen;
}

/** What many do: go on behind the newest timestamp that was seen. */
async function consumeByTime(db: Db, over: () => boolean): Promise<Seen[]> {
  const seen: Seen[] = [];
  let after = "-infinity";
  for (;;) {
    const last = over();
    const { rows } = await sql<Seen & { at: string }>`
      select tenant, record, at::text from skew.naive where at > ${after}::timestamptz order by at limit 50
    `.execute(db);
    seen.push(...rows);
    after = rows.at(-1)?.at ?? after;
    if (last && rows.length === 0) return seen;
  }
}

describe("the change feed, written by sixteen at once", () => {
  const seen = new Map<string, Seen[]>();
  let naive: Seen[];
  let committedAt: Map<string, string>;

  beforeAll(async () => {
    const postgres = await startEmbeddedPostgres({ settings: { track_commit_timestamp: "on" } });
    const database: Database = openDatabase({ kind: "postgres", url: postgres.url, connections: 24 });
    const { db } = database;
    await migrate(db);
    await sql`create schema skew`.execute(db);
    await sql`create table skew.naive (tenant text, record text, at timestamptz default now())`.execute(db);
    await sql`create index on skew.naive (at)`.execute(db);
    for (const name of consumers) await defineConsumer(db, { owner: "", name }, {}, "start");
    let over = false;
    const writing = Promise.all(Array.from({ length: writers }, async (_, writer) => write(db, writer))).then(() => (over = true));
    const reading = consumers.map(async (name, index) => seen.set(name, await consume(db, name, index * 3)));
    naive = await consumeByTime(db, () => over);
    await Promise.all([writing, ...reading]);
    const { rows } = await sql<{ record: string; at: string }>`
      select record, to_char(pg_xact_commit_timestamp(xmin), 'YYYY-MM-DD HH24:MI:SS.US') as at from belay.change
    `.execute(db);
    committedAt = new Map(rows.map(({ record, at }) => [record, at]));
    return async () => {
      await database.close();
      await postgres[Symbol.asyncDispose]();
    };
  }, 240_000);

  test("everything that was committed is there, and PostgreSQL knows when", () => {
    expect(committedAt.size).toBe(total);
    expect(new Set(committedAt.values()).size).toBeGreaterThan(total / 4);
  });

  test.each(consumers)("consumer %s misses nothing, gets nothing twice, and everything in the order of commit", (name) => {
    expect(judge(seen.get(name)!, committedAt)).toEqual([]);
  });

  test("who orders by timestamps is caught", () => {
    expect(judge(naive, committedAt)).not.toEqual([]);
  });
});
