import { standardRules } from "@belay/sdk/identity";
import type { PageRecord } from "@belay/sdk/sync";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { readVersions } from "../feed/index.ts";
import { applyPlan, findRecords, type PagePlan, planPage, type RecordOrigin } from "../records/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { decideReview, expectRecord, identifyWith, listMerges, listReviews, mergeThings, reconsiderReviews, undoMerge } from "./index.ts";

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
  const reconsider = async (connection: string): Promise<readonly string[]> => {
    const told: string[] = [];
    const onDecided = async (_tx: unknown, _tenant: string, records: readonly string[]): Promise<void> => void told.push(...records);
    await reconsiderReviews({ ...parts, onDecided }, standardRules, originOf(connection), "none");
    return told;
  };
  return { parts, tenant, plan, apply, take, ids, reconsider };
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

  test("the rules are asked again as long as nobody has decided: what has changed meanwhile may answer it", async () => {
    const { parts, tenant, take, ids, reconsider } = world(database, newTenant());
    const gone = (externalId: string): PageRecord => ({ kind: "deleted", externalId, version: null });
    await take("desk", person("7", ["email:ada@example.com"]));
    for (const name of ["ada", "bob", "cy", "dan"])
      await take("crm", person(`${name}-1`, [`email:${name}@example.com`]), person(`${name}-2`, [`email:${name}@example.com`]));
    const before = await ids();
    expect(await reconsider("crm")).toEqual([]);
    expect(await listReviews(parts.db, tenant, "open", 0, 10)).toHaveLength(4);
    // Made anew in the place of the first; corrected; deleted again; merged by hand.
    await take("crm", gone("ada-1"));
    await take("crm", person("bob-2", ["email:robert@example.com"], { name: "Robert" }));
    await take("crm", gone("cy-2"));
    const merge = { tenant, survivor: before["crm/dan-1"]!, merged: before["crm/dan-2"]!, why: "the same", actor: "ann" };
    await mergeThings(parts, merge);
    const told = await reconsider("crm");
    expect(new Set(told)).toEqual(
      new Set(["ada", "bob", "cy", "dan"].flatMap((name) => [before[`crm/${name}-1`], before[`crm/${name}-2`]])),
    );
    expect(await listReviews(parts.db, tenant, "open", 0, 10)).toEqual([]);
    const after = await ids();
    expect(after).toMatchObject({ "crm/ada-2": before["desk/7"], "crm/bob-2": before["crm/bob-2"], "crm/bob-1": before["crm/bob-1"] });
    const linked = await listReviews(parts.db, tenant, "linked", 0, 10);
    expect(linked.map(({ externalId, decidedBy }) => [externalId, decidedBy])).toEqual([
      ["ada-2", "belay"],
      ["dan-2", "belay"],
    ]);
    // Nothing is asked twice, and nothing is decided twice.
    expect(await reconsider("crm")).toEqual([]);
  });

  test("what another connection has come to know by the name it has for the time being is for somebody to decide", async () => {
    const { parts, tenant, take, ids, reconsider } = world(database, newTenant());
    await take("desk", person("7", ["email:ada@example.com"]), person("8", []));
    await take("crm", person("1", ["email:ada@example.com"]), person("2", ["email:ada@example.com"]));
    const { "crm/2": second, "desk/8": other } = await ids();
    await mergeThings(parts, { tenant, survivor: second!, merged: other!, why: "by hand", actor: "ann" });
    await take("crm", { kind: "deleted", externalId: "1", version: null });
    expect(await reconsider("crm")).toEqual([]);
    expect(await listReviews(parts.db, tenant, "open", 0, 10)).toMatchObject([{ externalId: "2", record: second }]);
  });

  test("what somebody decides while the rules are asked again holds", async () => {
    const { parts, tenant, take, ids, reconsider } = world(database, newTenant());
    await take("desk", person("7", ["email:ada@example.com"]));
    await take("crm", person("1", ["email:ada@example.com"]), person("2", ["email:ada@example.com"]));
    await take("crm", { kind: "deleted", externalId: "1", version: null });
    const [review] = await listReviews(parts.db, tenant, "open", 0, 10);
    const before = await ids();
    const openNow = parts.cipher.open.bind(parts.cipher);
    // The rules have found that it can be linked, and the merge is being worked out.
    vi.spyOn(parts.cipher, "open").mockImplementationOnce(async (sealed) => {
      await decideReview(parts, { tenant, review: review!.id, is: null, actor: "ann" });
      return await openNow(sealed);
    });
    expect(await reconsider("crm")).toEqual([]);
    expect(await ids()).toEqual(before);
    expect(await listReviews(parts.db, tenant, "apart", 0, 10)).toMatchObject([{ externalId: "2", decidedBy: "ann" }]);
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
    const [fingerprint] = await parts.cipher.fingerprint([{ tenant, value: JSON.stringify({ email: null, name: "Ada" }) }]);
    const sent = { hash: Buffer.from(fingerprint!).toString("hex"), fields: ["email", "name"] };
    await expectRecord(
      parts.db,
      { tenant, connection: "desk", resource: "contact", record },
      { twoWay: "people", lookedSince: null, ...sent },
    );
    // The provider has filled what it was not sent.
    const planned = await plan("desk", [
      person("6", [], { email: "ada@example.com", name: "Ada" }),
      person("7", [], { joined: "2026-11-22", name: "Ada" }),
      person("8", [], { joined: "2026-11-22", name: "Ada" }),
    ]);
    expect(planned.changed.map(({ externalId, id }) => [externalId, id === record])).toEqual([
      ["6", false],
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
