import { defineSync } from "@belay/sdk";
import { sql } from "kysely";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog, CatalogInForce } from "../catalog/index.ts";
import type { Database } from "../db/index.ts";
import { type Clock, createLogger, systemClock } from "../telemetry/index.ts";
import { book, connectionOf } from "./__fixtures__/book.ts";
import { beginDue } from "./begin-due.ts";
import { startSyncScheduler, type SyncScheduler } from "./scheduler.ts";
import type { SyncKey } from "./types.ts";

const syncOf = (id: string) =>
  defineSync({ id, source: book.person, target: { model: "contact", schema: z.unknown() }, every: "1h", map: (record) => record });
const connections = [connectionOf("acme")];
const catalogOf = (...ids: string[]) => buildCatalog({ connectors: [book], flows: [], syncs: ids.map(syncOf), connections });
const patience = { timeout: 30_000, interval: 20 };

describe.each(databases)("the scheduler of syncs on $name", ({ open }) => {
  let database: Database;
  let aheadMs: number;
  let scheduler: SyncScheduler;
  /** It looks when it is rung, and never by itself. */
  const clock: Clock = {
    now: () => Date.now() + aheadMs,
    sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true })),
  };
  const partsOf = () => ({ db: database.db, cipher: vaultOf(database.db), logger: createLogger("silent") });
  const start = (catalog: CatalogInForce, onKnown?: (keys: readonly SyncKey[]) => Promise<void>): void => {
    scheduler = startSyncScheduler({ ...partsOf(), clock, catalog, url: undefined, onBegun: () => {}, ...(onKnown && { onKnown }) });
  };
  const openWalks = async (): Promise<string[]> => {
    const { rows } = await sql<{ sync: string }>`select sync from belay.walk where state = 'open' order by 1`.execute(database.db);
    return rows.map(({ sync }) => sync);
  };
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    aheadMs = 0;
    await sql`truncate belay.sync, belay.walk`.execute(database.db);
  });
  afterEach(() => scheduler.close());

  test("puts a sync back into the schedule that a process of an older configuration has taken out", async () => {
    const { db } = database;
    start(new CatalogInForce(catalogOf("people", "friends")));
    await vi.waitFor(async () => expect(await openWalks()).toEqual(["friends", "people"]), patience);
    await sql`update belay.walk set state = 'complete', ended_at = belay.now()`.execute(db);
    await sql`update belay.sync set next_due = belay.now() where sync = 'friends'`.execute(db);
    await beginDue({ ...partsOf(), clock: systemClock, catalog: catalogOf("people") });
    expect((await sql`select sync from belay.sync where next_due is null`.execute(db)).rows).toEqual([{ sync: "friends" }]);
    aheadMs += 5 * 60_000;
    scheduler.ring();
    await vi.waitFor(async () => expect(await openWalks()).toEqual(["friends"]), patience);
  });

  test("begins every sync of a configuration that comes while those of the one before are noted", async () => {
    const catalog = new CatalogInForce(catalogOf("people"));
    const noting = Promise.withResolvers<void>();
    const noted = Promise.withResolvers<void>();
    let calls = 0;
    start(catalog, async () => {
      if ((calls += 1) > 1) return;
      noting.resolve();
      await noted.promise;
    });
    await noting.promise;
    catalog.replace(catalogOf("friends", "people"));
    scheduler.reloaded();
    noted.resolve();
    await vi.waitFor(async () => expect(await openWalks()).toEqual(["friends", "people"]), patience);
  });
});
