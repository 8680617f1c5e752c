import { defineSync } from "@belay/sdk";
import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog } from "../catalog/index.ts";
import type { Database } from "../db/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { book, connectionOf } from "./__fixtures__/book.ts";
import { beginDue, type BeginParts } from "./begin-due.ts";
import { runSync, setSettings } from "./index.ts";
import { purposes } from "./purposes.ts";
import { ensureSyncs } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { readWalks } from "./walk-store.ts";

const sync = defineSync({
  id: "people",
  source: book.person,
  target: { model: "contact", schema: z.unknown() },
  every: "1h",
  settings: z.object({ region: z.string() }),
  map: (record) => record,
});

const catalog = buildCatalog({
  connectors: [book],
  flows: [],
  syncs: [sync],
  connections: Array.from({ length: 20 }, (_, number) => connectionOf(`tenant-${number}`)),
});

describe.each(databases)("syncs that are due, on $name", ({ open }) => {
  let database: Database;
  let tenants = 0;
  let key: SyncKey;
  let parts: BeginParts;
  /** The same of a process in which something happens between the look for what is due and its beginning. */
  const interrupted = (meanwhile: () => Promise<void>): BeginParts => {
    const { cipher } = parts;
    let isFirst = true;
    const seal: typeof cipher.seal = async (items) => {
      if (isFirst) {
        isFirst = false;
        await meanwhile();
      }
      return await cipher.seal(items);
    };
    return { ...parts, cipher: { ...cipher, seal } };
  };
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  const addTenant = async (): Promise<SyncKey> => {
    const tenant = `tenant-${(tenants += 1)}`;
    const added = { tenant, sync: "people", connection: `${tenant}-book` };
    await ensureSyncs(database.db, [added]);
    await setSettings(parts, sync, tenant, { region: "north" }, "somebody");
    return added;
  };
  beforeEach(async () => {
    const { db } = database;
    parts = { db, cipher: vaultOf(db), clock: systemClock, logger: createLogger("silent"), catalog };
    await sql`truncate belay.sync, belay.sync_setting, belay.walk`.execute(db);
    key = await addTenant();
  });
  /** It has read everything once, and what it reads next are changes. */
  const hasRead = async ({ tenant }: SyncKey): Promise<void> => {
    const [progress] = await parts.cipher.seal([
      {
        tenant,
        purpose: purposes.progress,
        value: Buffer.from(JSON.stringify({ fullAtMs: Date.now(), provenAtMs: Date.now(), watermarkMs: Date.now() })),
      },
    ]);
    await sql`update belay.sync set progress = ${progress}, mapping = ${sync.mapping}, wants_full = false where tenant = ${tenant}`.execute(
      database.db,
    );
  };
  /** Begins what is due until nothing is, and says of what kind the newest walk is. The walks before it are over. */
  const nextKind = async (): Promise<string | undefined> => {
    await sql`update belay.walk set state = 'complete', ended_at = belay.now() where state = 'open'`.execute(database.db);
    await beginDue(parts);
    const [walk] = await readWalks(database.db, key, 1);
    return walk?.state === "open" ? walk.kind : undefined;
  };

  test("what somebody wants to be read in full is, also when that is said just as another walk begins", async () => {
    await hasRead(key);
    await beginDue(interrupted(() => runSync(parts, key, { full: true })));
    expect(await nextKind()).toBe("full");
  });

  test("settings that are set just as a walk begins hold for all records", async () => {
    await hasRead(key);
    await beginDue(interrupted(() => setSettings(parts, sync, key.tenant, { region: "south" }, "somebody")));
    expect(await nextKind()).toBe("full");
  });

  test("a sync that waits for settings still reads in full what it was to, when it has them", async () => {
    await hasRead(key);
    await runSync(parts, key, { full: true });
    const without = buildCatalog({
      connectors: [book],
      flows: [],
      syncs: [{ ...sync, settings: z.object({ region: z.string(), team: z.string() }) }],
      connections: [connectionOf(key.tenant)],
    });
    await beginDue({ ...parts, catalog: without });
    expect(await readWalks(database.db, key, 1)).toEqual([]);
    await sql`update belay.sync set next_due = belay.now()`.execute(database.db);
    expect(await nextKind()).toBe("full");
  });

  test("the trouble of one tenant with its keys is not that of others", async () => {
    const broken = await addTenant();
    await sql`update belay.sync_setting set settings = '\\x00'::bytea where tenant = ${broken.tenant}`.execute(database.db);
    expect(await nextKind()).toBe("first");
    expect(await readWalks(database.db, broken, 1)).toEqual([]);
  });
});
