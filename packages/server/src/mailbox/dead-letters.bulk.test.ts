import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { actOnDeadLetters, discardDeadLetters, listDeadLetters, replayDeadLetters } from "./dead-letters.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("dead letters in bulk on $name", ({ open }) => {
  let database: Database;
  let db: Db;

  beforeAll(async () => {
    database = await open();
    db = database.db;
    await sql`
      insert into belay.dead_letter (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, schema_version, payload, received_at, attempts, suspect, code, error)
      select 'acme', n, 'desk/event', 'k' || n % 50, case when n % 2 = 0 then 'even' else 'odd' end, 'c', 'e' || n, 't', 1, '{}', belay.now(), 1, true,
        case when n % 10 = 0 then 'TEN' else 'OTHER' end, 'wrong'
      from generate_series(1, 1200) n`.execute(db);
    return () => database.close();
  });

  const left = async (): Promise<number> =>
    (await sql<{ n: number }>`select count(*)::integer as n from belay.dead_letter`.execute(db)).rows[0]?.n ?? -1;

  test("are replayed by cause, over many pages, once", async () => {
    expect(await actOnDeadLetters(db, { code: "OTHER" }, replayDeadLetters)).toBe(1_080);
    expect(await left()).toBe(120);
    expect(await actOnDeadLetters(db, { code: "OTHER" }, replayDeadLetters)).toBe(0);
    const { rows } = await sql<{ n: number }>`select count(*)::integer as n from belay.message where parked`.execute(db);
    expect(rows[0]?.n).toBe(1_080);
  });

  test("are discarded by flow and tenant, and by nobody else's", async () => {
    expect(await actOnDeadLetters(db, { tenant: "globex", flow: "even" }, discardDeadLetters)).toBe(0);
    expect(await actOnDeadLetters(db, { tenant: "acme", flow: "even" }, discardDeadLetters)).toBe(120);
    expect(await listDeadLetters(db, vaultOf(db), {}, 10)).toEqual([]);
  });
});
