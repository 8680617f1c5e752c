import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { buildCatalog } from "../catalog/index.ts";
import { defineConfig } from "@belay/sdk";
import type { Database } from "../db/index.ts";
import type { Lease, Message, Result } from "../mailbox/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { Backlog, followTraffic, pauseWork, readBacklog, readPauses, resumeWork, setWeight, type Traffic } from "./index.ts";
import { recount } from "./recount.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const catalog = buildCatalog(defineConfig({ connectors: [], flows: [], connections: [] }));
catalog.put({ id: "acme-desk", tenant: "acme", connector: "desk" });
const by = { actor: "key:1", why: "It does harm." };

/** Waits for what a notice or the poll brings; the test's own time limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(5);
}

describe.each(databases)("traffic on $name", ({ open }) => {
  let database: Database;
  let traffic: Traffic;
  beforeAll(async () => {
    database = await open();
    traffic = await followTraffic({ database, catalog, clock: systemClock, logger: silent, pollMs: 50 });
    return async () => {
      await traffic.close();
      await database.close();
    };
  });
  beforeEach(async () => {
    await sql`truncate belay.pause, belay.weight, belay.backlog, belay.event, belay.message, belay.mailbox`.execute(database.db);
    await traffic.sync();
  });

  const mailbox = { tenant: "acme", connection: "acme-desk" };

  test("a paused connection, tenant or connector is known to every process soon, and no longer when it is resumed", async () => {
    for (const order of [
      { scope: "connection", id: "acme-desk" },
      { scope: "tenant", id: "acme" },
    ] as const) {
      await pauseWork(database.db, catalog, order, by);
      await until(() => traffic.pauses.ofMailbox(mailbox));
      expect(traffic.pauses.ofMailbox({ tenant: "other", connection: "other-desk" })).toBe(false);
      expect(await resumeWork(database.db, catalog, order, by)).toMatchObject({ tenant: "acme" });
      await until(() => !traffic.pauses.ofMailbox(mailbox));
    }
    await sql`insert into belay.pause (tenant, scope, id, why, paused_by) values ('', 'connector', 'desk', 'w', 'a')`.execute(database.db);
    await until(() => traffic.pauses.ofMailbox(mailbox));
  });

  test("who paused first stays, with the reason; it is told in the stream once, and resuming what is not paused changes nothing", async () => {
    await pauseWork(database.db, catalog, { scope: "connection", id: "acme-desk" }, by);
    await pauseWork(database.db, catalog, { scope: "connection", id: "acme-desk" }, { actor: "key:2", why: "Me too." });
    expect(await readPauses(database.db)).toMatchObject([
      { scope: "connection", id: "acme-desk", tenant: "acme", why: by.why, pausedBy: "key:1" },
    ]);
    expect(await resumeWork(database.db, catalog, { scope: "tenant", id: "acme" }, by)).toBeUndefined();
    const { rows } = await sql`select type, tenant, connection, actor, data from belay.event`.execute(database.db);
    expect(rows).toEqual([
      {
        type: "work.paused",
        tenant: "acme",
        connection: "acme-desk",
        actor: "key:1",
        data: { scope: "connection", id: "acme-desk", why: by.why },
      },
    ]);
  });

  test("what is not there cannot be paused", async () => {
    for (const scope of ["connection", "flow", "connector"] as const)
      await expect(pauseWork(database.db, catalog, { scope, id: "nothing" }, by)).rejects.toMatchObject({ code: "API_NOT_FOUND" });
  });

  test("what neither is there nor was paused cannot be resumed; what is gone by now can", async () => {
    for (const scope of ["connection", "flow", "connector"] as const)
      await expect(resumeWork(database.db, catalog, { scope, id: "nothing" }, by)).rejects.toMatchObject({ code: "API_NOT_FOUND" });
    await sql`insert into belay.pause (tenant, scope, id, why, paused_by) values ('acme', 'flow', 'gone', 'w', 'a')`.execute(database.db);
    expect(await resumeWork(database.db, catalog, { scope: "flow", id: "gone", tenant: "acme" }, by)).toMatchObject({ id: "gone" });
    expect(await readPauses(database.db)).toEqual([]);
  });

  test("a flow is paused for all tenants, or for one", async () => {
    const pause = (tenant: string): Promise<unknown> =>
      sql`insert into belay.pause (tenant, scope, id, why, paused_by) values (${tenant}, 'flow', 'f', 'w', 'a')`.execute(database.db);
    await pause("acme");
    await traffic.sync();
    expect([traffic.pauses.ofFlow("acme", "f"), traffic.pauses.ofFlow("other", "f"), traffic.pauses.ofFlow("acme", "g")]).toEqual([
      true,
      false,
      false,
    ]);
    await pause("");
    await traffic.sync();
    expect(traffic.pauses.ofFlow("other", "f")).toBe(true);
  });

  test("resuming wakes the mailboxes that were put down, so that they stand in line at once", async () => {
    const putDown = (): Promise<unknown> =>
      sql`insert into belay.mailbox (tenant, id, connection, lane, due_at, paused_until, why)
        values ('acme', 'acme-desk/event', 'acme-desk', 'event', belay.now() + interval '5 minutes', belay.now() + interval '5 minutes', 'MAILBOX_PAUSED')
        on conflict (tenant, id) do update set due_at = excluded.due_at, paused_until = excluded.paused_until, why = excluded.why, in_line = false`.execute(
        database.db,
      );
    const isInLine = async (): Promise<unknown> => (await sql`select in_line, paused_until from belay.mailbox`.execute(database.db)).rows;
    await pauseWork(database.db, catalog, { scope: "tenant", id: "acme" }, by);
    await traffic.sync();
    await putDown();
    await resumeWork(database.db, catalog, { scope: "tenant", id: "acme" }, by);
    await traffic.sync();
    expect(await isInLine()).toEqual([{ in_line: true, paused_until: null }]);
  });

  test("weights are followed, and go back to their defaults", async () => {
    await setWeight(database.db, { tenant: "acme" }, 3, "key:1");
    await setWeight(database.db, { lane: "backfill" }, 0.5, "key:1");
    await until(() => traffic.weights().tenants.get("acme") === 3);
    await traffic.sync();
    expect(traffic.weights().lanes).toEqual({ interactive: 8, event: 4, sync: 2, backfill: 0.5 });
    await setWeight(database.db, { lane: "backfill" }, null, "key:1");
    await traffic.sync();
    expect(traffic.weights().lanes.backfill).toBe(1);
  });

  describe("the backlog", () => {
    const lease = (tenant: string): Lease => ({ tenant }) as Lease;
    const ended = (count: number): Result[] =>
      Array.from({ length: count }, () => ({ kind: "delivered", message: {} as Message, stepped: false }));
    const open2 = (bounds: ConstructorParameters<typeof Backlog>[0]["bounds"], refuses = true): Backlog =>
      new Backlog({ db: database.db, clock: systemClock, logger: silent, refuses, ...(bounds && { bounds }) });

    test("is the sum of what several processes took in and finished, with the pace and the time that it will take", async () => {
      const [ingest, worker] = [open2({}), open2({}, false)];
      ingest.arrived("acme", 100);
      worker.settled(lease("acme"), [...ended(40), { kind: "park", message: {} as Message }]);
      await worker.sync();
      await ingest.sync();
      const [acme] = await readBacklog(database.db, "acme", 10);
      expect(acme).toMatchObject({ tenant: "acme", waiting: 60 });
      // 40 in one go, as a mean whose weight halves in 30 s.
      expect(acme?.finishedPerSecond).toBeCloseTo((40 * Math.LN2) / 30, 1);
      expect(acme?.etaSeconds).toBeGreaterThan(60);
      expect(await readBacklog(database.db, "other", 10)).toEqual([]);
    });

    test("refuses a tenant that has as much as it may, before it is written down, and no other; and nobody below the bound", async () => {
      const backlog = open2({ tenantMessages: 10 });
      backlog.arrived("acme", 9);
      expect(backlog.refusal("acme")).toBeUndefined();
      backlog.arrived("acme", 1);
      expect(backlog.refusal("acme")).toBe("tenant");
      await backlog.sync();
      expect([backlog.refusal("acme"), backlog.refusal("other")]).toEqual(["tenant", undefined]);
      backlog.settled(lease("acme"), ended(1));
      expect(backlog.refusal("acme")).toBeUndefined();
    });

    test("refuses everybody when all together have as much as they may", async () => {
      const [one, other] = [open2({ totalMessages: 10 }), open2({ totalMessages: 10 })];
      one.arrived("acme", 6);
      await one.sync();
      await other.sync();
      other.arrived("zeta", 4);
      expect(other.refusal("third")).toBe("installation");
    });

    test("refuses a tenant whose oldest message has waited for too long", async () => {
      await sql`insert into belay.mailbox (tenant, id, connection, lane, due_at, in_line) values ('acme', 'm', 'c', 'event', belay.now(), true)`.execute(
        database.db,
      );
      await sql`insert into belay.message (tenant, mailbox, order_key, flow, connection, event_key, event_type, payload, received_at)
        values ('acme', 'm', 'k', 'f', 'c', 'e', 't', 'x', belay.now() - interval '2 hours')`.execute(database.db);
      const backlog = open2({ tenantAgeMs: 3_600_000 });
      backlog.arrived("acme", 1_000);
      backlog.arrived("young", 1_000);
      await backlog.sync();
      expect([backlog.refusal("acme"), backlog.refusal("young")]).toEqual(["tenant", undefined]);
    });

    test("is put right by counting, where a process was killed before it said what it finished", async () => {
      const backlog = open2({});
      backlog.arrived("acme", 50);
      await backlog.sync();
      expect(await recount(database.db)).toBe(1);
      expect(await readBacklog(database.db, undefined, 10)).toEqual([]);
    });
  });
});
