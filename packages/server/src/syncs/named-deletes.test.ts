import { defineSync } from "@belay/sdk";
import type { PageRecord } from "@belay/sdk/sync";
import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { commitMessages, sealWork } from "../mailbox/index.ts";
import { findRecords } from "../records/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import {
  approveDeletes,
  openWalkDesk,
  type OpenWalk,
  readSyncs,
  refuseDeletes,
  undoDeletes,
  type WalkEnding,
  type WalkKind,
} from "./index.ts";
import { leaseWalks, toFetched } from "./__fixtures__/walk-in-hand.ts";
import { ensureSyncs } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { walkMessage } from "./walk-message.ts";
import { insertWalks } from "./walk-store.ts";

const model = { model: "contact", schema: z.unknown() };
const sync = defineSync({
  id: "people",
  source: { connector: "book", resource: "person", schema: z.unknown() },
  target: model,
  map: (record) => record,
});

const idsOf = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => String(from + index).padStart(3, "0"));
const there = (ids: readonly string[]): PageRecord[] =>
  ids.map((id) => ({ kind: "mapped", externalId: id, version: null, data: JSON.stringify({ id }), raw: JSON.stringify({ id }), keys: [] }));
const named = (ids: readonly string[]): PageRecord[] => ids.map((id) => ({ kind: "deleted", externalId: id, version: null, named: true }));

describe.each(databases)("deletes that a provider names, on $name", ({ open }) => {
  let database: Database;
  let tenants = 0;
  let key: SyncKey;
  let held: () => Promise<number>;
  const actor = { actor: "somebody" };
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  const partsOf = () => ({ db: database.db, cipher: vaultOf(database.db), clock: systemClock, logger: createLogger("silent") });
  const inForce = { syncs: new Map([[sync.id, sync]]), connections: new Map([["book", {} as never]]) };

  /** Takes the open walk into a new pair of hands, as after a kill. */
  const hold = async (): Promise<OpenWalk> => {
    const desk = openWalkDesk({ ...partsOf(), catalog: inForce, onCommitted: () => {} });
    return (await desk.open(toFetched(walkMessage(key, "sync")), await leaseWalks(database.db, key.tenant)))!;
  };
  const begin = async (kind: WalkKind, countsSeen = false): Promise<OpenWalk> => {
    const { db } = database;
    const [end] = (
      await sql<{ position: number }>`select coalesce(max(position), 0) as position from belay.feed where tenant = ${key.tenant}`.execute(
        db,
      )
    ).rows;
    await insertWalks(db, [{ ...key, kind, lane: "sync", countsSeen, expected: null, begunAfter: end!.position }]);
    const works = await sealWork(partsOf().cipher, [{ messages: [walkMessage(key, "sync")], quarantined: [] }]);
    await db.transaction().execute((tx) => commitMessages(tx, works));
    return await hold();
  };
  const keep = async (walk: OpenWalk, records: readonly PageRecord[], end?: WalkEnding): Promise<void> => {
    await walk.take({ records, pages: 1, cursor: "{}", expected: null, yields: false, ...(end && { end }) });
  };
  const ended = (covers: "all" | "changes"): WalkEnding => ({
    reached: true,
    proof: { kind: "end-by-flag", covers, pages: 1, records: 1, passes: 1 },
    whyNone: [],
    progress: "{}",
  });
  /** A walk through changes, to its end. */
  const poll = async (...records: readonly PageRecord[]): Promise<void> =>
    await keep(await begin("incremental"), records, ended("changes"));
  const stands = async () => {
    const [shown] = await readSyncs({ ...partsOf(), catalog: inForce }, key, { limit: 1 });
    const { records, deletesHeld, deletesHeldUntil, walk } = shown!;
    return { records, deletesHeld, isHeld: deletesHeldUntil !== null, deleted: walk!.deleted };
  };
  const living = async (): Promise<number> =>
    (await findRecords(partsOf(), { tenant: key.tenant, withDeleted: false }, { after: undefined, limit: 1_000 })).length;
  beforeEach(async () => {
    key = { tenant: `tenant-${(tenants += 1)}`, sync: "people", connection: "book" };
    held = async () => (await stands()).deletesHeld;
    await ensureSyncs(database.db, [key]);
  });
  const fill = async (count: number): Promise<void> => await keep(await begin("first"), there(idsOf(0, count)), ended("all"));

  test("few go at once, whatever share they are of what is there", async () => {
    await fill(10);
    await poll(...named(idsOf(0, 3)));
    expect(await stands()).toEqual({ records: 7, deletesHeld: 0, isHeld: false, deleted: 3 });
    expect(await living()).toBe(7);
  });

  test("many wait, are shown, and go when somebody approves it; undoing brings them back", async () => {
    await fill(100);
    await poll(...named(idsOf(0, 90)));
    expect(await stands()).toEqual({ records: 100, deletesHeld: 90, isHeld: true, deleted: 0 });
    expect(await approveDeletes(partsOf(), sync, key, actor)).toBe(90);
    expect(await stands()).toMatchObject({ records: 10, deletesHeld: 0, isHeld: false });
    expect(await living()).toBe(10);
    const { rows } = await sql<{ id: number }>`select max(id) as id from belay.walk where tenant = ${key.tenant}`.execute(database.db);
    expect(await undoDeletes(partsOf(), sync, { ...key, walk: rows[0]!.id }, actor)).toMatchObject({ restored: 90 });
    expect(await living()).toBe(100);
  });

  test("what a walk has seen since somebody began to approve stays", async () => {
    await fill(100);
    await keep(await begin("full", true), there(idsOf(50, 100)), ended("all"));
    const { cipher, ...parts } = partsOf();
    let isFirst = true;
    const seal: typeof cipher.seal = async (items) => {
      if (isFirst) {
        isFirst = false;
        await keep(await begin("full", true), there(idsOf(30, 100)), ended("all"));
      }
      return await cipher.seal(items);
    };
    expect(await approveDeletes({ ...parts, cipher: { ...cipher, seal } }, sync, key, actor)).toBe(30);
    expect(await stands()).toMatchObject({ records: 70, deletesHeld: 0, isHeld: false });
    const { rows } = await sql<{ id: number }>`select max(id) as id from belay.walk where tenant = ${key.tenant}`.execute(database.db);
    expect(await undoDeletes(partsOf(), sync, { ...key, walk: rows[0]!.id }, actor)).toMatchObject({ restored: 30 });
  });

  test("many small parts count as one, until the time for which deletes are held is over", async () => {
    await fill(100);
    await poll(...named(idsOf(0, 6)));
    await poll(...named(idsOf(6, 12)));
    expect(await stands()).toEqual({ records: 94, deletesHeld: 6, isHeld: true, deleted: 0 });
    await sql`update belay.sync set named_since = named_since - interval '2 days' where tenant = ${key.tenant}`.execute(database.db);
    await poll();
    expect(await stands()).toEqual({ records: 88, deletesHeld: 0, isHeld: false, deleted: 6 });
  });

  test("what is named while others wait, waits with them; what is named again counts once, and what is there again waits no more", async () => {
    await fill(100);
    await poll(...named(idsOf(0, 50)));
    await poll(...named(idsOf(40, 52)));
    expect(await held()).toBe(52);
    await poll(...there(idsOf(0, 2)));
    expect(await held()).toBe(50);
    // Seen and named within one walk: what it said last counts.
    await poll(...there(idsOf(2, 3)), ...named(idsOf(2, 3)));
    expect([await held(), await living()]).toEqual([50, 100]);
  });

  test("a walk through everything that proves the same comes to the same", async () => {
    await fill(100);
    await poll(...named(idsOf(0, 50)));
    await keep(await begin("full", true), there(idsOf(49, 99)), ended("all"));
    // One was seen again, and one more is missing.
    expect(await stands()).toEqual({ records: 100, deletesHeld: 50, isHeld: true, deleted: 0 });
    expect(await approveDeletes(partsOf(), sync, key, actor)).toBe(50);
    expect(await living()).toBe(50);
  });

  test("what is missing goes on waiting for its own approval while a few that are named go", async () => {
    await fill(100);
    await keep(await begin("full", true), there(idsOf(50, 100)), ended("all"));
    expect(await held()).toBe(50);
    await poll(...named(idsOf(97, 100)));
    expect(await stands()).toEqual({ records: 97, deletesHeld: 50, isHeld: true, deleted: 3 });
  });

  test("nothing is lost or counted twice by who takes a walk over, nor by a walk that fails", async () => {
    await fill(100);
    const walk = await begin("incremental");
    await keep(walk, named(idsOf(0, 30)));
    await keep(await hold(), named(idsOf(20, 50)), ended("changes"));
    expect(await held()).toBe(50);
    const failing = await begin("incremental");
    await keep(failing, named(idsOf(50, 60)));
    await failing.fail("HTTP_TIMEOUT");
    // It begins where that one began, and is told again.
    await poll(...named(idsOf(50, 60)));
    expect(await held()).toBe(60);
  });

  test("where somebody refuses it, the next walk reads everything, for the provider need not name them again", async () => {
    await fill(100);
    await poll(...named(idsOf(0, 50)));
    expect(await refuseDeletes(partsOf(), key, actor)).toBe(50);
    const { rows } = await sql<{ wants: boolean }>`select wants_full as wants from belay.sync where tenant = ${key.tenant}`.execute(
      database.db,
    );
    expect(rows).toEqual([{ wants: true }]);
    expect(await stands()).toMatchObject({ records: 100, deletesHeld: 0, isHeld: false });
  });

  test("where nobody answers in time, the next walk asks again", async () => {
    await fill(100);
    await poll(...named(idsOf(0, 50)));
    await sql`update belay.sync set deletes_held_until = belay.now() - interval '1 second' where tenant = ${key.tenant}`.execute(
      database.db,
    );
    await expect(approveDeletes(partsOf(), sync, key, actor)).rejects.toMatchObject({ code: "SYNC_NOTHING_HELD" });
    await poll();
    expect(await approveDeletes(partsOf(), sync, key, actor)).toBe(50);
  });
});
