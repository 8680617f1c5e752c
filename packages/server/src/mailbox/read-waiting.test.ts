import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import { claimOne, commit, empty, newMessage, settle } from "./__fixtures__/mailbox.ts";
import { readWaitingOf } from "./read-waiting.ts";

describe.each(databases)("what waits for a connection on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(() => empty(db));

  test("is told by lane, with when it goes on and why it does not now; other connections' and tenants' is not", async () => {
    await commit(db, [newMessage("a"), newMessage("b")]);
    await settle(db, await claimOne(db), [], { more: true, waitMs: 600_000, why: "HTTP_BUDGET_EXHAUSTED" }, 0);
    await commit(db, [
      newMessage("c", { lane: "backfill" }),
      newMessage("d", { target: "acme-other" }),
      newMessage("e", { tenant: "globex" }),
    ]);
    const { lanes, nowMs } = await readWaitingOf(db, "acme", "acme-desk");
    expect(lanes).toMatchObject([
      { lane: "event", messages: 2, why: "HTTP_BUDGET_EXHAUSTED" },
      { lane: "backfill", messages: 1, goesOnAtMs: null, why: null },
    ]);
    expect(Math.abs((lanes[0]?.goesOnAtMs ?? 0) - nowMs - 600_000)).toBeLessThan(30_000);
    expect(lanes[0]?.oldestAtMs).toBeLessThanOrEqual(nowMs);
  });

  test("is nothing where nothing waits", async () => {
    expect((await readWaitingOf(db, "acme", "acme-desk")).lanes).toEqual([]);
  });
});
