import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { commitMessages, listDeadLetters, type NewDeadLetter, sealWork } from "../mailbox/index.ts";
import { ReferenceWriter } from "../references/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { catalog } from "./__fixtures__/shop.ts";
import { replayWith } from "./replay-quarantined.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("replaying what was quarantined on $name", ({ open }) => {
  let database: Database;
  let db: Db;

  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });

  const dead = (eventKey: string, payload: object, code: string): NewDeadLetter => ({
    tenant: "acme",
    target: "acme-ledger",
    lane: "event",
    orderKey: `acme-shop/#${eventKey}`,
    flow: "book",
    connection: "acme-shop",
    eventKey,
    eventType: "order.placed",
    version: null,
    payload: Buffer.from(JSON.stringify(payload)),
    trace: null,
    code,
    error: "wrong",
  });

  test("judges the event anew, gives it its order key and version, and leaves what still does not fit", async () => {
    const quarantined = [
      dead("e1", { id: "1", order: "o-7", at: 3 }, "CONTRACT_PAYLOAD_INVALID"),
      dead("e2", { id: true, order: "o-8" }, "CONTRACT_PAYLOAD_INVALID"),
      dead("e3", { id: "3", order: "o-9", at: 4 }, "HTTP_REFUSED"),
    ];
    const sealed = await sealWork(vaultOf(db), [{ messages: [], quarantined }]);
    await db.transaction().execute((tx) => commitMessages(tx, sealed));
    const letters = await listDeadLetters(db, vaultOf(db), {}, 10);
    const replay = replayWith(catalog, { cipher: vaultOf(db), references: new ReferenceWriter(vaultOf(db)), clock: systemClock });
    expect(await replay(db, letters)).toBe(2);
    expect(await replay(db, letters)).toBe(0);
    expect((await listDeadLetters(db, vaultOf(db), {}, 10)).map(({ eventKey }) => eventKey)).toEqual(["e2"]);
    const { rows } = await sql<object>`select event_key, order_key, version, parked from belay.message order by event_key`.execute(db);
    expect(rows).toEqual([
      { event_key: "e1", order_key: "acme-shop/o-7", version: 3, parked: false },
      { event_key: "e3", order_key: "acme-shop/#e3", version: null, parked: true },
    ]);
  });
});
