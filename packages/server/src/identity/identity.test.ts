import { standardRules } from "@belay/sdk/identity";
import type { PageRecord } from "@belay/sdk/sync";
import { beforeAll, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { readVersions } from "../feed/index.ts";
import { applyPlan, findRecords, type PagePlan, planPage, type RecordOrigin } from "../records/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { decideReview, expectRecord, identifyWith, listMerges, listReviews, mergeThings, undoMerge } from "./index.ts";

const person = (externalId: string, keys: readonly string[], data: object = { name: externalId }): PageRecord => ({
  kind: "mapped",
  externalId,
  version: null,
  data: JSON.stringify(data),
  raw: JSON.stringify({ id: externalId, ...data }),
  keys: keys.map((key) => key.replace(":", "\n")),
});

let tenants = 0;
const newTenant = (): string => `tenant-${(tenants += 1)}`;

const world = (database: Database, tenant: string) => {
  const parts = { db: database.db, cipher: vaultOf(database.db), clock: systemClock };
  const originOf = (connection: string): RecordOrigin => ({
    tenant,
    connection,
    resource: "contact",
    model: "contact",
    sync: `contacts-${connection}`,
    mapping: "1",
    walk: 1,
  });
  const plan = async (connection: string, records: readonly PageRecord[]): Promise<PagePlan> =>
    await planPage({ ...parts, identify: identifyWith(parts, standardRules) }, originOf(connection), records);
  const apply = async (planned: PagePlan): Promise<boolean> =>
    await database.db
      .transaction()
      .execute(async (tx) => {
        if ((await applyPlan(tx, planned, false)) === undefined) throw new Error("rolled back");
        return true;
      })
      .catch((error: unknown) => {
        if (error instanceof Error && error.message === "rolled back") return false;
        throw error;
      });
  const take = async (connection: string, ...records: readonly PageRecord[]): Promise<void> => {
    while (!(await apply(await plan(connection, records))));
  };
  /** Canonical ids by connection and external id. */
  const ids = async (): Promise<Record<string, string>> => {
    const all = await findRecords(parts, { tenant }, { after: undefined, limit: 1_000 });
    return Object.fromEntries(all.map(({ connection, externalId, id }) => [`${connection}/${externalId}`, id]));
  };
  return { parts, tenant, plan, apply, take, ids };
};

describe.each(databases)("identities on $name", ({ open }) => {
  let database: Database;
  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  test("a record that another connection has is linked, and one that looks like nobody is a thing of its own", async () => {
    const { take, ids } = world(database, newTenant());
    await take("crm", person("1", ["email:ada@example.com"]), person("2", ["email:bob@example.com"]));
    await take("desk", person("7", ["email:bob@example.com", "phone:+41446681800"]), person("8", ["email:cy@example.com"]));
    const found = await ids();
    expect(found["desk/7"]).toBe(found["crm/2"]);
    expect(new Set(Object.values(found)).size).toBe(3);
  });

  test("a record of which nobody can say whose it is waits for a review, which links it or keeps it apart", async () => {
    const { parts, tenant, take, ids } = world(database, newTenant());
    await take("crm", person("1", ["phone:+41446681800"]), person("2", ["phone:+41446681800", "email:b@example.com"]));
    await take("desk", person("7", ["phone:+41446681800"]), person("8", ["email:b@example.com"]));
    const before = await ids();
    expect(before["desk/8"]).toBe(before["crm/2"]);
    const reviews = await listReviews(parts.db, tenant, "open", 0, 10);
    expect(reviews.map(({ externalId, why, candidates }) => [externalId, why, candidates.length])).toEqual([
      ["2", "weak", 1],
      ["7", "weak", 2],
    ]);
    const [duplicate, seventh] = reviews;
    await decideReview(parts, { tenant, review: duplicate!.id, is: null, actor: "ann" });
    await decideReview(parts, { tenant, review: seventh!.id, is: before["crm/1"]!, actor: "ann" });
    const after = await ids();
    expect(after).toEqual({ ...before, "desk/7": before["crm/1"] });
    expect(await listReviews(parts.db, tenant, "open", 0, 10)).toEqual([]);
    expect(await listReviews(parts.db, tenant, "linked", 0, 10)).toMatchObject([{ externalId: "7", decidedBy: "ann" }]);
    await expect(decideReview(parts, { tenant, review: seventh!.id, is: null, actor: "bea" })).rejects.toMatchObject({
      code: "IDENTITY_REVIEW_DECIDED",
    });
  });

  test("two of one connection that look the same are asked about, and never become one by themselves", async () => {
    const { parts, tenant, take, ids } = world(database, newTenant());
    await take("crm", person("1", ["email:ada@example.com"]), person("2", ["email:ada@example.com"]));
    expect(new Set(Object.values(await ids())).size).toBe(2);
    expect(await listReviews(parts.db, tenant, "open", 0, 10)).toMatchObject([{ externalId: "2", why: "taken" }]);
  });

  test("a merge moves records with their contents, is told in the feed, and is undone without a trace in them", async () => {
    const { parts, tenant, take, ids } = world(database, newTenant());
    await take("crm", person("1", [], { name: "Ada" }));
    await take("desk", person("7", [], { name: "Ada L." }), person("8", [], { name: "Bob" }));
    const before = await ids();
    const merge = { tenant, survivor: before["crm/1"]!, merged: before["desk/7"]!, why: "the same", actor: "ann" };
    const id = await mergeThings(parts, merge);
    expect(await ids()).toEqual({ ...before, "desk/7": before["crm/1"] });
    const records = await findRecords(parts, { tenant, externalId: "7" }, { after: undefined, limit: 1 });
    expect(records).toMatchObject([{ id: before["crm/1"], data: { name: "Ada L." }, raw: { id: "7", name: "Ada L." } }]);
    const versions = await readVersions(parts.db, tenant, records[0]!.position, 10);
    expect(versions.map(({ kind, record }) => [kind, record])).toEqual([
      ["merged", before["crm/1"]],
      ["created", before["desk/7"]],
    ]);
    await expect(mergeThings(parts, merge)).rejects.toMatchObject({ code: "IDENTITY_MERGE_REFUSED" });
    await undoMerge(parts, { tenant, id, actor: "bea" });
    expect(await ids()).toEqual(before);
    expect(await findRecords(parts, { tenant, externalId: "7" }, { after: undefined, limit: 1 })).toMatchObject([
      { data: { name: "Ada L." } },
    ]);
    expect(await listMerges(parts.db, tenant, { limit: 10 })).toMatchObject([{ id, by: "ann", undoneBy: "bea" }]);
    await expect(undoMerge(parts, { tenant, id, actor: "bea" })).rejects.toMatchObject({ code: "IDENTITY_MERGE_REFUSED" });
  });

  test("a record that we are about to create is known by its contents when a walk finds it first", async () => {
    const { parts, tenant, plan, take, ids } = world(database, newTenant());
    await take("crm", person("1", [], { name: "Ada" }));
    const record = (await ids())["crm/1"]!;
    const [hash] = await parts.cipher.fingerprint([{ tenant, value: JSON.stringify({ name: "Ada" }) }]);
    await expectRecord(parts.db, { tenant, connection: "desk", resource: "contact", record }, Buffer.from(hash!).toString("hex"));
    const planned = await plan("desk", [person("7", [], { name: "Ada" }), person("8", [], { name: "Ada" })]);
    expect(planned.changed.map(({ externalId, id }) => [externalId, id === record])).toEqual([
      ["7", true],
      ["8", false],
    ]);
  });

  test("what was found out is found out again when somebody brought the same thing meanwhile", async () => {
    const { plan, apply, take, ids } = world(database, newTenant());
    const early = await plan("crm", [person("1", ["email:ada@example.com"])]);
    const other = await plan("crm", [person("2", ["email:bob@example.com"])]);
    await take("desk", person("7", ["email:ada@example.com"]));
    expect(await apply(early)).toBe(false);
    // What others brought meanwhile does not concern it.
    expect(await apply(other)).toBe(true);
    await take("crm", person("1", ["email:ada@example.com"]));
    const found = await ids();
    expect(found["crm/1"]).toBe(found["desk/7"]);
  });
});

test("pages of five connections that bring the same hundred things at once give each of them one canonical id", async () => {
  const database = await openFreshPostgres();
  const { take, ids } = world(database, newTenant());
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  await Promise.all(
    ["a", "b", "c", "d", "e"].map(async (connection, shift) => {
      for (let page = 0; page < 10; page += 1) {
        const some = numbers.slice(((page + shift * 3) % 10) * 10, ((page + shift * 3) % 10) * 10 + 10);
        await take(connection, ...some.map((number) => person(`${connection}${number}`, [`email:${number}@example.com`])));
      }
    }),
  );
  const found = await ids();
  expect(Object.keys(found)).toHaveLength(500);
  expect(new Set(Object.values(found)).size).toBe(100);
  for (const number of numbers) expect(found[`a${number}`]).toBe(found[`e${number}`]);
  await database.close();
});
