import { type Connection, defineConnector, defineSync, Secret } from "@belay/sdk";
import { sql } from "kysely";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog } from "../catalog/index.ts";
import type { Database } from "../db/index.ts";
import { createLogger, systemClock } from "../telemetry/index.ts";
import { beginComparisonsWith, scheduleComparisons } from "./index.ts";

const book = defineConnector({
  id: "book",
  title: "Address book",
  baseUrl: "https://book.example",
  auth: { kind: "bearer" },
  resources: { person: { path: "/people", id: "id", schema: z.looseObject({ id: z.string() }) } },
});
const sync = defineSync({
  id: "people",
  source: book.person,
  target: { model: "contact", schema: z.unknown() },
  reconcile: { every: "1d" },
  map: (record) => record,
});
const tenants = Array.from({ length: 700 }, (_, number) => `tenant-${String(number).padStart(3, "0")}`);
const connections = tenants.map((tenant): Connection => ({
  id: `${tenant}-book`,
  tenant,
  connector: "book",
  credential: { token: new Secret("x") },
}));
const catalog = buildCatalog({ connectors: [book], flows: [], syncs: [sync], connections });
const older = buildCatalog({ connectors: [book], flows: [], syncs: [{ ...sync, id: "friends" }], connections });
const keyOf = (tenant: string) => ({ tenant, sync: "people", connection: `${tenant}-book` });

describe.each(databases)("comparisons that wait on $name", ({ open }) => {
  let database: Database;
  const partsOf = () => ({
    db: database.db,
    cipher: vaultOf(database.db),
    clock: systemClock,
    logger: createLogger("silent"),
    catalog,
  });
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(async () => {
    const { db } = database;
    await sql`truncate belay.sync, belay.walk, belay.reconciliation, belay.reconcile_schedule`.execute(db);
    await sql`
      insert into belay.sync (tenant, sync, connection, next_due, last_complete_at)
      select x, 'people', x || '-book', belay.now() + interval '1 hour', belay.now() from json_array_elements_text(${JSON.stringify(tenants)}::json) x
    `.execute(db);
  });
  const walking = async (): Promise<string[]> => {
    const { rows } = await sql<{ tenant: string }>`select tenant from belay.reconciliation where state = 'walking' order by 1`.execute(
      database.db,
    );
    return rows.map(({ tenant }) => tenant);
  };
  const wait = async (among: readonly string[]): Promise<void> => {
    await sql`
      insert into belay.reconciliation (tenant, sync, connection, sample, wanted_by)
      select x, 'people', x || '-book', 0, 'somebody' from json_array_elements_text(${JSON.stringify(among)}::json) with ordinality y(x, number) order by number
    `.execute(database.db);
  };

  test("begin, however many wait before them for syncs that are paused", async () => {
    await sql`update belay.sync set paused_at = belay.now() where tenant <> 'tenant-699'`.execute(database.db);
    await wait(tenants);
    const begin = beginComparisonsWith(partsOf());
    for (let look = 0; look < 2; look += 1) await begin();
    expect(await walking()).toEqual(["tenant-699"]);
    await sql`update belay.sync set paused_at = null where tenant = 'tenant-000'`.execute(database.db);
    await begin();
    expect(await walking()).toEqual(["tenant-000", "tenant-699"]);
  });

  test("begin, whatever is wrong with the keys of a tenant before them", async () => {
    const { db } = database;
    await sql`insert into belay.tenant_key (tenant, version, wrapped, master_key) values ('tenant-001', 1, '\\x00', 'test')`.execute(db);
    await wait(["tenant-001", "tenant-002"]);
    await beginComparisonsWith(partsOf())();
    expect(await walking()).toEqual(["tenant-002"]);
  });

  test("wait on where a process of an older configuration, which does not know their sync, finds them; nobody's end after a day", async () => {
    await wait(["tenant-004"]);
    await beginComparisonsWith({ ...partsOf(), catalog: older })();
    await beginComparisonsWith(partsOf())();
    expect(await walking()).toEqual(["tenant-004"]);
    await wait(["tenant-005", "tenant-006"]);
    await sql`update belay.reconciliation set wanted_at = belay.now() - interval '25 hours' where tenant = 'tenant-006'`.execute(
      database.db,
    );
    await beginComparisonsWith({ ...partsOf(), catalog: older })();
    const { rows } = await sql`select tenant, state, code from belay.reconciliation where tenant > 'tenant-004' order by 1`.execute(
      database.db,
    );
    expect(rows).toEqual([
      { tenant: "tenant-005", state: "waiting", code: null },
      { tenant: "tenant-006", state: "failed", code: "RECONCILE_SYNC_GONE" },
    ]);
  });

  test("wait on where a process finds them that has not heard of their connection yet", async () => {
    await wait(["tenant-007"]);
    const unheard = buildCatalog({ connectors: [book], flows: [], syncs: [sync], connections: connections.slice(0, 7) });
    await beginComparisonsWith({ ...partsOf(), catalog: unheard })();
    expect(await walking()).toEqual([]);
    await beginComparisonsWith(partsOf())();
    expect(await walking()).toEqual(["tenant-007"]);
  });

  test("stay in the schedule where a process of an older configuration, which does not compare them, finds them due", async () => {
    const { db } = database;
    const key = keyOf("tenant-003");
    await scheduleComparisons(partsOf(), [key]);
    await sql`update belay.reconcile_schedule set next_due = belay.now()`.execute(db);
    await beginComparisonsWith({ ...partsOf(), catalog: older })();
    expect(await walking()).toEqual([]);
    await sql`update belay.reconcile_schedule set next_due = belay.now()`.execute(db);
    await beginComparisonsWith(partsOf())();
    expect(await walking()).toEqual(["tenant-003"]);
  });
});
