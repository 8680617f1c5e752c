import { defineSync } from "@belay/sdk";
import type { PageRecord } from "@belay/sdk/sync";
import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { commitMessages, sealWork } from "../mailbox/index.ts";
import { findRecords, type ShownRecord } from "../records/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { leaseWalks, toFetched } from "./__fixtures__/walk-in-hand.ts";
import { ensureSyncs } from "./store.ts";
import { openWalkDesk, type OpenWalk, pauseSync, resumeSync, type WalkPage } from "./index.ts";
import type { SyncKey } from "./types.ts";
import { walkMessage } from "./walk-message.ts";
import { insertWalks, readWalks } from "./walk-store.ts";

const model = { model: "contact", schema: z.unknown() };
const sync = defineSync({
  id: "people",
  source: { connector: "book", resource: "person", schema: z.unknown() },
  target: model,
  map: (record) => record,
});

const mapped = (externalId: string, name: string, version: number | null = null): PageRecord => ({
  kind: "mapped",
  externalId,
  version,
  data: JSON.stringify({ name }),
  raw: JSON.stringify({ id: externalId, name }),
  keys: [],
});
const gone = (externalId: string): PageRecord => ({ kind: "deleted", externalId, version: null });
const pageOf = (...records: PageRecord[]): WalkPage => ({ records, pages: 1, cursor: "{}", expected: null, yields: false });

describe.each(databases)("pages of a walk on $name", ({ open }) => {
  let database: Database;
  let tenants = 0;
  let key: SyncKey;
  let walk: OpenWalk;
  /** Takes the walk in hand once more, as the next attempt does. */
  let openAgain: () => Promise<OpenWalk | null>;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    key = { tenant: `tenant-${(tenants += 1)}`, sync: "people", connection: "book" };
    const { db } = database;
    const parts = { db, cipher: vaultOf(db), clock: systemClock };
    await ensureSyncs(db, [key]);
    await insertWalks(db, [{ ...key, kind: "incremental", lane: "sync", countsSeen: false, expected: null, begunAfter: 0 }]);
    const message = walkMessage(key, "sync");
    const works = await sealWork(parts.cipher, [{ messages: [message], quarantined: [] }]);
    await db.transaction().execute((tx) => commitMessages(tx, works));
    const catalog = { syncs: new Map([[sync.id, sync]]) };
    const desk = openWalkDesk({ ...parts, catalog, logger: createLogger("silent"), onCommitted: () => {} });
    openAgain = async () => (await desk.open(toFetched(message), await leaseWalks(db, key.tenant)))!;
    walk = (await openAgain())!;
  });
  /** Gives pages to the desk at once, as a thread does that reads faster than they are written. */
  const takeTogether = async (...pages: readonly WalkPage[]): Promise<void> =>
    void (await Promise.all(pages.map((page) => walk.take(page))));
  const records = async (): Promise<readonly ShownRecord[]> =>
    await findRecords(
      { db: database.db, cipher: vaultOf(database.db) },
      { tenant: key.tenant, withDeleted: true },
      { after: undefined, limit: 100 },
    );
  const names = async (): Promise<Record<string, unknown>> =>
    Object.fromEntries(
      (await records()).map(({ externalId, data }) => [externalId, data === null ? null : Reflect.get(Object(data), "name")]),
    );

  test("what a page changes, and the next one takes back, is what it was", async () => {
    await takeTogether(pageOf(mapped("1", "A"), mapped("2", "other")));
    await takeTogether(pageOf(mapped("1", "B")), pageOf(mapped("1", "A")));
    expect(await names()).toEqual({ "1": "A", "2": "other" });
  });

  test("what a page changes, and one further behind takes back, is what it was", async () => {
    await takeTogether(pageOf(mapped("1", "A")));
    await takeTogether(pageOf(mapped("1", "B")), pageOf(mapped("2", "other")), pageOf(mapped("1", "A")));
    expect(await names()).toEqual({ "1": "A", "2": "other" });
  });

  test("what a page deletes, and the next one has again, is there", async () => {
    await takeTogether(pageOf(mapped("1", "A")));
    await takeTogether(pageOf(gone("1")), pageOf(mapped("1", "A")));
    expect(await names()).toEqual({ "1": "A" });
    await takeTogether(pageOf(mapped("2", "new")), pageOf(gone("2")));
    expect(await names()).toEqual({ "1": "A", "2": null });
  });

  test("a version that a page has raised counts for the next one", async () => {
    await takeTogether(pageOf(mapped("1", "A", 1)));
    await takeTogether(pageOf(mapped("1", "A", 9)), pageOf(mapped("1", "between", 5)));
    expect(await records()).toMatchObject([{ data: { name: "A" }, version: 9 }]);
  });

  test("pages that have nothing in common are counted each, in their order", async () => {
    await takeTogether(
      pageOf(mapped("1", "A"), mapped("2", "A")),
      pageOf(mapped("3", "A")),
      pageOf(mapped("4", "A")),
      pageOf(mapped("2", "B")),
    );
    const positions = (await records()).map(({ externalId, position }) => [externalId, position]);
    expect(Object.fromEntries(positions)).toEqual({ "1": 1, "2": 5, "3": 3, "4": 4 });
    expect(await readWalks(database.db, key, 1)).toMatchObject([{ pages: 4, seen: 5, created: 4, updated: 1 }]);
  });

  test("a walk that somebody else has taken over goes on, whatever it came to in the hands before", async () => {
    const now = await openAgain();
    await walk.fail("HTTP_TIMEOUT");
    await now!.take(pageOf(mapped("1", "A")));
    expect(await readWalks(database.db, key, 1)).toMatchObject([{ state: "open", pages: 1 }]);
    await now!.fail("HTTP_TIMEOUT");
    expect(await readWalks(database.db, key, 1)).toMatchObject([{ state: "failed", code: "HTTP_TIMEOUT" }]);
  });

  test("a walk that began and was paused while another resumption was under way goes on", async () => {
    const { db } = database;
    const { tenant } = key;
    const { cipher, ...parts } = { db, cipher: vaultOf(db) };
    const waiting = async () => (await sql`select from belay.message where tenant = ${tenant}`.execute(db)).rows.length;
    await walk.fail("HTTP_TIMEOUT");
    await pauseSync({ ...parts, cipher }, key, { actor: "somebody", why: "to look" });
    let isFirst = true;
    const seal: typeof cipher.seal = async (items) => {
      if (isFirst) {
        isFirst = false;
        await resumeSync({ ...parts, cipher }, key, { actor: "another" });
        await insertWalks(db, [{ ...key, kind: "full", lane: "backfill", countsSeen: false, expected: null, begunAfter: 0 }]);
        await pauseSync({ ...parts, cipher }, key, { actor: "another", why: "to look" });
        await sql`delete from belay.message where tenant = ${tenant}`.execute(db);
      }
      return await cipher.seal(items);
    };
    const mailboxes = await resumeSync({ ...parts, cipher: { ...cipher, seal } }, key, { actor: "somebody" });
    expect(mailboxes).toEqual([{ tenant, mailbox: "book/backfill" }]);
    expect(await waiting()).toBe(1);
  });

  test("a walk that cannot be read any more ends with the message that is given up for it, and others begin", async () => {
    const { db } = database;
    await takeTogether(pageOf(mapped("1", "A")));
    await vaultOf(db).destroy(key.tenant);
    await expect(openAgain()).rejects.toMatchObject({ code: "VAULT_KEYS_DESTROYED" });
    expect(await readWalks(db, key, 1)).toMatchObject([{ state: "failed", code: "VAULT_KEYS_DESTROYED" }]);
    await sql`update belay.sync set progress = '\\x00'::bytea where tenant = ${key.tenant}`.execute(db);
    await insertWalks(db, [{ ...key, kind: "first", lane: "sync", countsSeen: false, expected: null, begunAfter: 0 }]);
    expect((await openAgain())?.request).toMatchObject({ kind: "first", progress: null });
  });
});
