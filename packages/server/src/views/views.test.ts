import { combineRecords, type Config, defineConfig, defineConnector, defineView, Secret, type View } from "@belay/sdk";
import type { PageRecord } from "@belay/sdk/sync";
import { sql } from "kysely";
import fc from "fast-check";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { testMasterKey, vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog } from "../catalog/index.ts";
import type { Database } from "../db/index.ts";
import { readChanges } from "../feed/index.ts";
import { mergeThings, undoMerge } from "../identity/index.ts";
import { applyPlan, planPage, readContentsAt, readRecords, type RecordOrigin } from "../records/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { openVault, parseMasterKeys } from "../vault/index.ts";
import { findView, listRows, listViews, readRow, startViewKeeper, type ViewKeeper, type ViewPage } from "./index.ts";
import { consumerOf } from "./keep-turn.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const model = { model: "person", schema: z.record(z.string(), z.unknown()) };
const connector = (id: string) =>
  defineConnector({ id, title: id, baseUrl: `https://${id}.example`, auth: { kind: "bearer" }, resources: {} });
const connectors = ["a", "b", "c"].map(connector);
const first = defineView({ id: "people", of: model, fields: { name: ["b"] } });
const second = defineView({ id: "people", of: model, otherwise: ["c", "a"] });
const configOf = (view: View): Config =>
  defineConfig({
    connectors,
    flows: [],
    views: [view],
    connections: connectors.map(({ id }) => ({ id, tenant: "acme", connector: id, credential: { token: new Secret("x") } })),
  });

describe.each(databases)("views on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });
  beforeEach(() =>
    sql`truncate belay.feed, belay.change, belay.record, belay.feed_consumer, belay.feed_cursor, belay.view_row, belay.view_build`.execute(
      database.db,
    ),
  );
  const partsOf = (view = first) => ({
    db: database.db,
    cipher: vaultOf(database.db),
    clock: systemClock,
    logger: silent,
    catalog: buildCatalog(configOf(view)),
  });
  const keeperOf = (view = first): ViewKeeper => startViewKeeper(partsOf(view), false);
  const originOf = (connection: string, tenant = "acme"): RecordOrigin => ({
    tenant,
    connection,
    resource: "person",
    model: "person",
    sync: "people",
    mapping: "1",
    walk: 1,
  });
  const put = async (connection: string, externalId: string, data: object | null, tenant = "acme"): Promise<void> => {
    const origin = originOf(connection, tenant);
    const record: PageRecord =
      data === null
        ? { kind: "deleted", externalId, version: null }
        : { kind: "mapped", externalId, version: null, data: JSON.stringify(data), raw: "{}", keys: [`email\n${externalId}`] };
    const plan = await planPage(partsOf(), origin, [record]);
    await database.db.transaction().execute(async (tx) => await applyPlan(tx, plan, false));
  };
  const idOf = async (connection: string, externalId: string): Promise<string> => {
    const { rows } = await sql<{ id: string }>`
      select id from belay.record where connection = ${connection} and external_id = ${externalId}`.execute(database.db);
    return rows[0]?.id ?? "";
  };
  const list = async (filter: object = {}, view = first): Promise<ViewPage> =>
    await listRows(partsOf(view), view, { tenant: "acme", ...filter }, { after: "", limit: 100, maxAgeSeconds: 60 });
  const merge = async (survivor: string, merged: string): Promise<number> =>
    await mergeThings(partsOf(), { tenant: "acme", survivor, merged, why: "one person", actor: "test" });

  test("a row is put together from the records of a thing, and each value is linked to the one that it is from", async () => {
    await put("a", "1", { name: "Ada", phone: "1" });
    await put("b", "2", { name: "Ada L.", phone: null });
    const [one, other] = [await idOf("a", "1"), await idOf("b", "2")];
    const keeper = keeperOf();
    await keeper.catchUp();
    expect((await list()).items.map(({ data }) => data)).toHaveLength(2);
    const id = await merge(one, other);
    expect(await list()).toMatchObject({ behind: 2, building: false });
    await keeper.catchUp();
    const { items, behind } = await list();
    expect(behind).toBe(0);
    expect(items).toMatchObject([
      {
        id: one,
        data: { name: "Ada L.", phone: "1" },
        from: { name: 1, phone: 0 },
        stale: false,
        sources: [{ connection: "a", externalId: "1" }, { connection: "b" }],
      },
    ]);
    await undoMerge(partsOf(), { tenant: "acme", id, actor: "test" });
    await keeper.catchUp();
    expect((await list()).items.map((row) => row.id).toSorted()).toEqual([one, other].toSorted());
    await put("a", "1", null);
    await keeper.catchUp();
    expect((await list()).items.map((row) => row.id)).toEqual([other]);
  });

  test("rows are found by what their records are recognised by, and given a page at a time", async () => {
    for (const name of ["x", "y", "z"]) await put("a", name, { name });
    const keeper = keeperOf();
    await keeper.catchUp();
    expect((await list({ keys: ["email\ny"] })).items).toMatchObject([{ data: { name: "y" } }]);
    expect((await list({ externalId: "z", connection: "a" })).items).toMatchObject([{ data: { name: "z" } }]);
    expect((await list({ connection: "b" })).items).toEqual([]);
    const seen: string[] = [];
    for (let after = ""; ;) {
      const page = await listRows(partsOf(), first, { tenant: "acme" }, { after, limit: 2, maxAgeSeconds: 60 });
      seen.push(...page.items.map(({ data }) => String(data["name"])));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen.toSorted()).toEqual(["x", "y", "z"]);
    const [row] = (await list()).items;
    expect(await readRow(partsOf(), first, "acme", row!.id, 60)).toMatchObject({ id: row!.id, view: { behind: 0 } });
    expect(await readRow(partsOf(), first, "globex", row!.id, 60)).toBeUndefined();
    expect(() => findView(partsOf().catalog, "none")).toThrow(/no view/);
  });

  test("while a new definition is built the rows of the one before are given out; then its own, from everything there is", async () => {
    await put("a", "1", { name: "a" });
    await put("c", "1", { name: "c" });
    await merge(await idOf("a", "1"), await idOf("c", "1"));
    await keeperOf().catchUp();
    expect((await list()).items).toMatchObject([{ data: { name: "c" } }]);
    await put("a", "1", { name: "a2" });
    await keeperOf().catchUp();
    expect(await list({}, second)).toMatchObject({ building: true, version: first.version, items: [{ data: { name: "a2" } }] });
    await keeperOf(second).catchUp();
    expect(await list({}, second)).toMatchObject({ building: false, behind: 0, version: second.version, items: [{ data: { name: "c" } }] });
    expect(await listViews(partsOf(second), "acme")).toMatchObject([{ view: "people", rows: 1, behind: 0 }]);
  });

  describe("where the keys of one tenant cannot be opened", () => {
    const wrong = Buffer.from("no key of this master key");
    const swapKey = async (wrapped: Uint8Array): Promise<Uint8Array> => {
      const { rows } = await sql<{ before: Uint8Array }>`
        update belay.tenant_key k set wrapped = ${wrapped}::bytea from (select tenant, version, wrapped as before from belay.tenant_key) o
        where k.tenant = 'acme' and o.tenant = k.tenant and o.version = k.version returning o.before`.execute(database.db);
      return rows[0]!.before;
    };
    /** A process that has opened nothing yet. */
    const freshParts = () => ({
      ...partsOf(),
      cipher: openVault({ db: database.db, provider: parseMasterKeys(testMasterKey), clock: systemClock }),
    });
    const leasesRunOut = async (): Promise<void> =>
      void (await sql`update belay.feed_cursor set leased_until = belay.now() where leased_until is not null`.execute(database.db));
    const namesOf = async (tenant: string): Promise<unknown[]> =>
      (await listRows(partsOf(), first, { tenant }, { after: "", limit: 100, maxAgeSeconds: 60 })).items.map(({ data }) => data["name"]);

    test("the views of others are kept up, its own rows stay, and what has changed is taken in when they can be", async () => {
      await put("a", "1", { name: "before" });
      await keeperOf().catchUp();
      await put("a", "1", { name: "after" });
      await put("a", "2", { name: "other" }, "globex");
      const key = await swapKey(wrong);
      await startViewKeeper(freshParts(), false).catchUp();
      const there = [await namesOf("globex"), await namesOf("acme")];
      await swapKey(key);
      expect(there).toEqual([["other"], ["before"]]);
      await leasesRunOut();
      await startViewKeeper(freshParts(), false).catchUp();
      expect(await namesOf("acme")).toEqual(["after"]);
      expect((await list()).behind).toBe(0);
    });

    test("or nothing can be sealed for it, others get what has changed, and it gets it later", async () => {
      await put("a", "1", { name: "mine" });
      await put("a", "2", { name: "other" }, "globex");
      const { cipher, ...parts } = partsOf();
      const seal: typeof cipher.seal = async (items) => {
        if (items.some(({ tenant }) => tenant === "acme")) throw new Error("The key of this tenant cannot be had now.");
        return await cipher.seal(items);
      };
      await startViewKeeper({ ...parts, cipher: { ...cipher, seal } }, false).catchUp();
      expect([await namesOf("globex"), await namesOf("acme")]).toEqual([["other"], []]);
      await leasesRunOut();
      await keeperOf().catchUp();
      expect(await namesOf("acme")).toEqual(["mine"]);
    });

    test("its rows are gone where they were destroyed", async () => {
      await put("a", "1", { name: "before" }, "initech");
      await keeperOf().catchUp();
      expect(await namesOf("initech")).toEqual(["before"]);
      await put("a", "1", { name: "after" }, "initech");
      await vaultOf(database.db).destroy("initech");
      await startViewKeeper(freshParts(), false).catchUp();
      expect(await namesOf("initech")).toEqual([]);
    });
  });
});

test("whatever happens to records, with two keepers, one of which dies again and again, every row is in the end what its records are", async () => {
  await using database = await openFreshPostgres();
  const parts = {
    db: database.db,
    cipher: vaultOf(database.db),
    clock: systemClock,
    logger: silent,
    catalog: buildCatalog(configOf(first)),
  };
  const { db } = database;
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant("put" as const),
        at: fc.constantFrom("a", "b", "c"),
        id: fc.nat(3),
        name: fc.option(fc.nat(5)),
        phone: fc.option(fc.nat(5)),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), at: fc.constantFrom("a", "b", "c"), id: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("merge" as const), one: fc.nat(20), other: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("unmerge" as const), at: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("keep" as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("die" as const) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 30 }), async (steps) => {
      await sql`truncate belay.feed, belay.change, belay.record, belay.feed_consumer, belay.feed_cursor, belay.view_row, belay.view_build, belay.merge_event`.execute(
        db,
      );
      const [one, other] = [startViewKeeper(parts, false), startViewKeeper(parts, false)];
      await one.catchUp();
      const merges: number[] = [];
      const take = async (connection: string, record: PageRecord): Promise<void> => {
        const origin = { tenant: "acme", connection, resource: "person", model: "person", sync: "people", mapping: "1", walk: 1 };
        const plan = await planPage(parts, origin, [record]);
        await db.transaction().execute(async (tx) => await applyPlan(tx, plan, false));
      };
      const keeping: Promise<void>[] = [];
      for (const each of steps) {
        if (each.do === "put") {
          const data = JSON.stringify({ name: each.name, phone: each.phone });
          await take(each.at, { kind: "mapped", externalId: String(each.id), version: null, data, raw: "{}", keys: [] });
        } else if (each.do === "delete") await take(each.at, { kind: "deleted", externalId: String(each.id), version: null });
        else if (each.do === "merge") {
          const { rows } = await sql<{ id: string }>`select distinct id from belay.record where hash is not null order by id`.execute(db);
          const [survivor, merged] = [rows[each.one % rows.length]?.id, rows[each.other % rows.length]?.id];
          if (survivor === undefined || merged === undefined || survivor === merged) continue;
          const request = { tenant: "acme", survivor, merged, why: "one", actor: "test" };
          merges.push(await mergeThings(parts, request));
        } else if (each.do === "unmerge") {
          const id = merges[each.at % Math.max(1, merges.length)];
          // It may be taken back already, or its records be gone.
          if (id !== undefined) await undoMerge(parts, { tenant: "acme", id, actor: "test" }).catch(() => undefined);
        } else if (each.do === "keep") keeping.push(one.catchUp(), other.catchUp());
        else await readChanges(parts, consumerOf(first), { limit: 3, mostBytes: 1_000, leaseMs: 40 });
      }
      await Promise.all(keeping);
      // What a dead reader holds comes back when its lease is over.
      const waiting = async (): Promise<number> =>
        (await listRows(parts, first, { tenant: "acme" }, { after: "", limit: 100, maxAgeSeconds: 60 })).behind;
      while ((await waiting()) > 0) await other.catchUp();
      const { rows: living } = await sql<{ id: string }>`select distinct id from belay.record where hash is not null order by id`.execute(
        db,
      );
      const records = Map.groupBy(
        await readRecords(
          parts,
          "acme",
          living.map(({ id }) => id),
        ),
        ({ id }) => id,
      );
      const { items } = await listRows(parts, first, { tenant: "acme" }, { after: "", limit: 100, maxAgeSeconds: 60 });
      expect(items.map(({ id }) => id)).toEqual(living.map(({ id }) => id));
      for (const { id, data, from, sources } of items) {
        const own = (records.get(id) ?? [])
          .filter(({ deletedAt }) => deletedAt === null)
          .map((record) => ({ ...record, provider: record.connection }));
        expect(data).toEqual(combineRecords(first, own).data);
        for (const [field, at] of Object.entries(from)) {
          const linked = await readContentsAt(parts, "acme", [sources[at]!.position]);
          expect((linked.get(sources[at]!.position)!.data as Record<string, unknown>)[field]).toEqual(data[field]);
        }
      }
    }),
    { numRuns: 12 },
  );
}, 240_000);
