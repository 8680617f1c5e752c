import { defineSync, type Sync } from "@belay/sdk";
import type { PageRecord } from "@belay/sdk/sync";
import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog } from "../catalog/index.ts";
import type { Database } from "../db/index.ts";
import type { Lease, Message } from "../mailbox/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { book, connectionOf } from "./__fixtures__/book.ts";
import { beginDue } from "./begin-due.ts";
import { openWalkDesk, type OpenWalk, readWalks, runSync, type WalkEnding } from "./index.ts";
import { ensureSyncs } from "./store.ts";
import type { SyncKey } from "./types.ts";
import { walkMessage } from "./walk-message.ts";

const syncOf = (mapping: string): Sync =>
  defineSync({
    id: "people",
    source: book.person,
    target: { model: "contact", schema: z.unknown() },
    every: "1h",
    mapping,
    map: (one) => one,
  });
const [older, newer] = [syncOf("1"), syncOf("2")];
const connections = Array.from({ length: 20 }, (_, number) => connectionOf(`tenant-${number}`));
const catalogOf = (sync: Sync) => buildCatalog({ connectors: [book], flows: [], syncs: [sync], connections });
const person = (externalId: string): PageRecord => ({ kind: "mapped", externalId, version: null, data: "{}", raw: "{}", keys: [] });

describe.each(databases)("walks during which the mapping becomes another one, on $name", ({ open }) => {
  let database: Database;
  let key: SyncKey;
  let number = 0;
  const partsOf = () => ({ db: database.db, cipher: vaultOf(database.db), clock: systemClock, logger: createLogger("silent") });
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    const { db } = database;
    await sql`truncate belay.sync, belay.walk, belay.message, belay.mailbox`.execute(db);
    const tenant = `tenant-${(number += 1)}`;
    key = { tenant, sync: "people", connection: `${tenant}-book` };
    await ensureSyncs(db, [key]);
  });
  const begin = async (sync: Sync): Promise<string> => {
    await beginDue({ ...partsOf(), catalog: catalogOf(sync) });
    return (await readWalks(database.db, key, 1))[0]!.kind;
  };
  /** Takes the open walk into the hands of a process that has this mapping. */
  const hold = async (sync: Sync): Promise<OpenWalk> => {
    const { tenant, connection } = key;
    const { rows } = await sql<{ id: string; token: number; lane: "sync" }>`
      update belay.mailbox set leased = true, token = token + 1, due_at = belay.now() + interval '1 hour'
      where tenant = ${tenant} and lane = (select lane from belay.walk where tenant = ${tenant} and state = 'open') returning id, token, lane
    `.execute(database.db);
    const { id: mailbox, token, lane } = rows[0]!;
    const lease: Lease = { tenant, mailbox, connection, lane, token, head: 0, takenOver: false, suspectUntil: 0 };
    const { payload: _payload, ...wanted } = walkMessage(key, lane);
    const message: Message = {
      ...wanted,
      mailbox,
      id: 1,
      payload: "{}",
      receivedAtMs: 0,
      firstAttemptAtMs: null,
      attempts: 0,
      suspect: false,
      parked: false,
      blocked: false,
      appliedVersion: null,
      steps: {},
    };
    const desk = openWalkDesk({ ...partsOf(), catalog: { syncs: new Map([[sync.id, sync]]) }, onCommitted: () => {} });
    return (await desk.open(message, lease))!;
  };
  const page = { pages: 1, cursor: '{"walk":{}}', expected: null, yields: false };
  const ending: WalkEnding = {
    reached: true,
    proof: { kind: "end-by-flag", covers: "all", pages: 1, records: 1, passes: 1 },
    whyNone: [],
    progress: JSON.stringify({ fullAtMs: Date.now(), provenAtMs: Date.now(), watermarkMs: Date.now() }),
  };
  const next = async (sync: Sync): Promise<string> => {
    await runSync(partsOf(), key, { full: false });
    return await begin(sync);
  };
  const read = async (sync: Sync): Promise<void> => {
    await (await hold(sync)).take({ ...page, records: [person("1")], end: ending });
  };

  test("one of a single mapping is followed by what has changed", async () => {
    expect(await begin(newer)).toBe("first");
    await (await hold(newer)).take({ ...page, records: [person("1")] });
    expect((await hold(newer)).request.cursor).toContain("walk");
    await read(newer);
    expect(await next(newer)).toBe("incremental");
  });

  test("what the older one has mapped of a walk that the newer one ends is mapped anew", async () => {
    await begin(older);
    await (await hold(older)).take({ ...page, records: [person("1")] });
    await read(newer);
    expect(await next(newer)).toBe("full");
    await read(newer);
    expect(await next(newer)).toBe("incremental");
  });

  test("what a process of the older one has mapped in the middle of a walk of the newer one is mapped anew", async () => {
    await begin(newer);
    for (const sync of [newer, older]) await (await hold(sync)).take({ ...page, records: [person("1")] });
    await read(newer);
    expect(await next(newer)).toBe("full");
  });

  test("changes that a process of the older one has mapped after all was mapped by the newer one are mapped anew", async () => {
    await begin(newer);
    await read(newer);
    expect(await next(newer)).toBe("incremental");
    await read(older);
    expect(await next(newer)).toBe("full");
  });
});
