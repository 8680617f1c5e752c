import type { PageRecord } from "@belay/sdk/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import {
  type AppliedCounts,
  applyPlan,
  clearMissing,
  countMissing,
  deleteSeen,
  findRecords,
  insertSeen,
  listMissing,
  listTroubles,
  type PagePlan,
  planDeletes,
  planPage,
  readMissing,
  readRecord,
  readRecordVersions,
  readTroubledRaws,
  type RecordOrigin,
  unlistMissing,
} from "./index.ts";

const mapped = (externalId: string, data: object, changes: { version?: number; keys?: string[] } = {}): PageRecord => ({
  kind: "mapped",
  externalId,
  version: changes.version ?? null,
  data: JSON.stringify(data),
  raw: JSON.stringify({ id: externalId, ...data, unmapped: true }),
  keys: changes.keys ?? [],
});

describe.each(databases)("records on $name", ({ open }) => {
  let database: Database;
  let tenants = 0;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  const parts = () => ({ db: database.db, cipher: vaultOf(database.db), clock: systemClock });
  const newOrigin = (changes: Partial<RecordOrigin> = {}): RecordOrigin => ({
    tenant: `tenant-${(tenants += 1)}`,
    connection: "crm",
    resource: "contact",
    model: "contact",
    sync: "contacts",
    mapping: "1",
    walk: 1,
    ...changes,
  });
  const apply = async (plan: PagePlan, hasTroubles = true): Promise<AppliedCounts | undefined> => {
    return await database.db.transaction().execute((tx) => applyPlan(tx, plan, hasTroubles));
  };
  const take = async (origin: RecordOrigin, records: readonly PageRecord[], retried: readonly string[] = []) =>
    await apply(await planPage(parts(), origin, records, retried));
  const show = async (origin: RecordOrigin, withDeleted = false) =>
    await findRecords(parts(), { tenant: origin.tenant, withDeleted }, { after: undefined, limit: 100 });

  test("a sync that gets another model takes its records along, also those that are otherwise what they were", async () => {
    const origin = newOrigin({ model: "person" });
    await take(origin, [mapped("1", { name: "Ada" }), mapped("2", { name: "Bob" })]);
    const another = { ...origin, model: "contact", walk: 2 };
    expect(await take(another, [mapped("1", { name: "Ada" }), mapped("2", { name: "Robert" })])).toMatchObject({
      updated: 2,
      unchanged: 0,
    });
    const found = await findRecords(parts(), { tenant: origin.tenant, model: "contact" }, { after: undefined, limit: 100 });
    expect(found.map(({ externalId, model, data }) => [externalId, model, data])).toEqual([
      ["1", "contact", { name: "Ada" }],
      ["2", "contact", { name: "Robert" }],
    ]);
    expect(await take(another, [mapped("1", { name: "Ada" })])).toMatchObject({ updated: 0, unchanged: 1 });
  });

  test("what is new is kept with its contents, and read back with where it came from", async () => {
    const origin = newOrigin();
    expect(await take(origin, [mapped("1", { name: "Ada" }), mapped("2", { name: "Bob" })])).toEqual({
      created: 2,
      updated: 0,
      unchanged: 0,
      deleted: 0,
      troubled: 0,
      growth: 2,
      troubles: 0,
    });
    const [ada, bob] = await show(origin);
    expect(ada).toMatchObject({
      externalId: "1",
      data: { name: "Ada" },
      raw: { id: "1", name: "Ada", unmapped: true },
      lineage: { sync: "contacts", mapping: "1", walk: 1 },
      position: 1,
    });
    expect(bob!.id).not.toBe(ada!.id);
    expect(await readRecord(parts(), origin.tenant, ada!.id)).toEqual([ada]);
  });

  test("what has not changed is not written, and what has replaces the version before it", async () => {
    const origin = newOrigin();
    await take(origin, [mapped("1", { name: "Ada" }), mapped("2", { name: "Bob" })]);
    expect(await take(origin, [mapped("1", { name: "Ada" }), mapped("2", { name: "Rob" })])).toMatchObject({
      updated: 1,
      unchanged: 1,
      growth: 0,
    });
    const [ada, rob] = await show(origin);
    expect([ada!.position, rob!.position]).toEqual([1, 3]);
    const versions = await readRecordVersions(parts(), origin.tenant, 3, 10);
    expect(versions.map(({ kind, data }) => [kind, data])).toEqual([
      ["updated", { name: "Rob" }],
      ["created", { name: "Bob" }],
    ]);
  });

  test("an older version never overwrites a newer one, in whatever order they come", async () => {
    const origin = newOrigin();
    await take(origin, [mapped("1", { name: "new" }, { version: 5 })]);
    expect(await take(origin, [mapped("1", { name: "old" }, { version: 4 })])).toMatchObject({ unchanged: 1, updated: 0 });
    // The same again at a later version, and then what lies between.
    await take(origin, [mapped("1", { name: "new" }, { version: 9 })]);
    expect(await take(origin, [mapped("1", { name: "between" }, { version: 7 })])).toMatchObject({ unchanged: 1, updated: 0 });
    expect(await show(origin)).toMatchObject([{ data: { name: "new" }, version: 9, position: 1 }]);
    await take(origin, [mapped("1", { name: "b" }, { version: 11 }), mapped("1", { name: "a" }, { version: 10 })]);
    expect(await show(origin)).toMatchObject([{ data: { name: "b" }, version: 11 }]);
  });

  test("what is gone keeps its canonical id, and comes back under it", async () => {
    const origin = newOrigin();
    await take(origin, [mapped("1", { name: "Ada" })]);
    const [before] = await show(origin);
    expect(await apply(await planDeletes(parts(), origin, ["1", "unknown"]))).toMatchObject({ deleted: 1, growth: -1 });
    expect(await show(origin)).toEqual([]);
    expect(await show(origin, true)).toMatchObject([{ id: before!.id, data: null }]);
    expect(await take(origin, [mapped("1", { name: "Ada" })])).toMatchObject({ updated: 1, growth: 1 });
    const [after] = await show(origin);
    expect(after).toMatchObject({ id: before!.id, deletedAt: null, data: { name: "Ada" } });
    const versions = await readRecordVersions(parts(), origin.tenant, after!.position, 10);
    expect(versions.map(({ kind }) => kind)).toEqual(["restored", "deleted", "created"]);
  });

  test("a plan that was made for another state is not applied", async () => {
    const origin = newOrigin();
    await take(origin, [mapped("1", { name: "Ada" })]);
    const late = await planPage(parts(), origin, [mapped("1", { name: "late" })]);
    const lateNew = await planPage(parts(), origin, [mapped("2", { name: "late" })]);
    await take(origin, [mapped("1", { name: "first" }), mapped("2", { name: "first" })]);
    for (const plan of [late, lateNew])
      await expect(
        database.db.transaction().execute(async (tx) => {
          if ((await applyPlan(tx, plan, false)) === undefined) throw new Error("stale");
        }),
      ).rejects.toThrow("stale");
    expect((await show(origin)).map(({ data }) => data)).toEqual([{ name: "first" }, { name: "first" }]);
  });

  test("what cannot be taken waits with its reason, also without an id, and ends when it is taken", async () => {
    const origin = newOrigin();
    const trouble = (externalId: string | null, n: number): PageRecord => ({
      kind: "trouble",
      externalId,
      code: "SYNC_MAP_FAILED",
      reason: 'no "name"',
      raw: JSON.stringify({ n }),
    });
    expect(await take(origin, [trouble("1", 1), trouble(null, 2), mapped("3", {})])).toMatchObject({
      created: 1,
      troubled: 2,
      troubles: 2,
    });
    expect(await take(origin, [trouble("1", 1)])).toMatchObject({ troubles: 0 });
    const found = await listTroubles(parts(), origin, { after: "", limit: 10 });
    expect(found).toMatchObject([
      { externalId: expect.stringMatching(/^#/), reason: 'no "name"', raw: { n: 2 } },
      { externalId: "1", code: "SYNC_MAP_FAILED", raw: { n: 1 } },
    ]);
    const raws = await readTroubledRaws(parts(), origin, 10);
    const retried = raws.map(({ externalId }) => externalId);
    expect(await take(origin, [mapped("1", {}), mapped("2", {})], retried)).toMatchObject({ created: 2, troubles: -2 });
    expect(await listTroubles(parts(), origin, { after: "", limit: 10 })).toEqual([]);
  });

  test("what a walk has not seen is missing, unless it is seen after all", async () => {
    const origin = newOrigin({ walk: 7 });
    await take(
      origin,
      ["1", "2", "3", "4"].map((id) => mapped(id, {})),
    );
    await apply(await planDeletes(parts(), origin, ["4"]));
    await database.db.transaction().execute(async (tx) => {
      await insertSeen(tx, origin, 1, ["2"]);
      await insertSeen(tx, origin, 2, ["9"]);
      expect(await listMissing(tx, origin, { resource: "contact", knownUntil: 5 })).toBe(2);
    });
    expect(await readMissing(database.db, origin, 10)).toEqual(["1", "3"]);
    await unlistMissing(database.db, origin, ["3"]);
    expect(await countMissing(database.db, origin)).toBe(1);
    expect(await clearMissing(database.db, origin)).toBe(1);
    await deleteSeen(database.db, origin, [7]);
    // Of what nobody has kept the ids, everything is missing that was known when the walk began.
    expect(await database.db.transaction().execute((tx) => listMissing(tx, origin, { resource: "contact", knownUntil: 2 }))).toBe(2);
  });

  test("records lie sealed, and those of one tenant are not found by another", async () => {
    const origin = newOrigin();
    await take(origin, [mapped("1", { name: "Secretperson" }, { keys: ["email\nada@example.com"] })]);
    expect(await show(newOrigin())).toEqual([]);
    const [{ id }] = (await show(origin)) as unknown as [{ id: string }];
    expect(await readRecord(parts(), "somebody-else", id)).toEqual([]);
    const [plan] = [await planPage(parts(), origin, [mapped("2", { name: "Secretperson" }, { keys: ["email\nada@example.com"] })])];
    const [planned] = plan.changed;
    expect(Buffer.from(planned!.contents!).toString("latin1")).not.toContain("Secretperson");
    expect(planned!.keys).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/)]);
  });
});
