import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database, Db } from "../db/index.ts";
import { openEach } from "../vault/index.ts";
import { appendChanges, changePurpose, type NewChange, readChangesAt, readVersions } from "./index.ts";

const change = (record: string, more: Partial<NewChange> = {}): NewChange => ({ model: "contact", record, kind: "created", ...more });

const append = async (db: Db, tenant: string, ...changes: readonly NewChange[]): Promise<number[]> =>
  db.transaction().execute(async (tx) => appendChanges(tx, tenant, changes));

describe.each(databases)("appending to the change feed on $name", ({ open }) => {
  let database: Database;

  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  test("positions are dense, in the order given, and each tenant has its own", async () => {
    expect(await append(database.db, "dense", change("a"), change("b"))).toEqual([1, 2]);
    expect(await append(database.db, "dense", change("c"))).toEqual([3]);
    expect(await append(database.db, "other", change("d"))).toEqual([1]);
    const stored = await readChangesAt(database.db, [
      { tenant: "dense", position: 2 },
      { tenant: "other", position: 1 },
    ]);
    expect(stored.map(({ tenant, record }) => [tenant, record])).toEqual(expect.arrayContaining([["dense", "b"], ["other", "d"]])); // prettier-ignore
    expect(stored).toHaveLength(2);
  });

  test("a transaction that is rolled back leaves no hole", async () => {
    await append(database.db, "rolled", change("a"));
    await expect(
      database.db.transaction().execute(async (tx) => {
        await appendChanges(tx, "rolled", [change("b"), change("c")]);
        throw new Error("No.");
      }),
    ).rejects.toThrow("No.");
    expect(await append(database.db, "rolled", change("d"))).toEqual([2]);
  });

  test("contents come back as they were sealed, those of each change its own, and open in no other record", async () => {
    const cipher = vaultOf(database.db);
    const seal = async (record: string, text: string): Promise<Uint8Array | undefined> => {
      const purpose = changePurpose({ model: "contact", record });
      return (await cipher.seal([{ tenant: "contents", purpose, value: Buffer.from(text) }]))[0];
    };
    const [first, third] = [await seal("a", "\0first"), await seal("c", "third")];
    await append(
      database.db,
      "contents",
      change("a", { ...(first && { contents: first }) }),
      change("b", { kind: "deleted" }),
      change("c", { ...(third && { contents: third }) }),
    );
    const places = [1, 2, 3].map((position) => ({ tenant: "contents", position }));
    const stored = (await readChangesAt(database.db, places)).toSorted((a, b) => a.position - b.position);
    expect(stored.map(({ contents }) => contents === null)).toEqual([false, true, false]);
    const open = async (purpose: string): Promise<string[]> => {
      const sealed = stored.flatMap(({ contents }) => (contents === null ? [] : [{ tenant: "contents", purpose, value: contents }]));
      return (await openEach(cipher, sealed)).map((opened) => ("bytes" in opened ? Buffer.from(opened.bytes).toString() : opened.code));
    };
    expect(await open(changePurpose({ model: "contact", record: "a" }))).toEqual(["\0first", "VAULT_SEAL_BROKEN"]);
    expect(await open(changePurpose({ model: "contact", record: "c" }))).toEqual(["VAULT_SEAL_BROKEN", "third"]);
  });

  test("versions of a record are found from its newest, through those it replaced", async () => {
    await append(database.db, "versions", change("a"), change("b"));
    await append(database.db, "versions", change("a", { kind: "updated", previous: 1 }), change("b", { kind: "updated", previous: 2 }));
    await append(database.db, "versions", change("a", { kind: "deleted", previous: 3 }));
    const versions = await readVersions(database.db, "versions", 5, 10);
    expect(versions.map(({ position, record, kind }) => [position, record, kind])).toEqual([
      [5, "a", "deleted"],
      [3, "a", "updated"],
      [1, "a", "created"],
    ]);
    expect(await readVersions(database.db, "versions", 5, 2)).toHaveLength(2);
  });

  test("the time of a change never runs backwards along the positions", async () => {
    await append(database.db, "times", change("a"));
    await sql`update belay.feed set at = at + interval '1 hour' where tenant = 'times'`.execute(database.db);
    const [ahead] = (await sql<{ at: Date }>`select at from belay.feed where tenant = 'times'`.execute(database.db)).rows;
    const [position = 0] = await append(database.db, "times", change("b"));
    const [stored] = await readChangesAt(database.db, [{ tenant: "times", position }]);
    expect(new Date(stored!.at).getTime()).toBeGreaterThanOrEqual(Math.floor(new Date(ahead!.at).getTime()));
  });
});

describe("appending to the change feed by several at once", () => {
  test("who comes second waits for the first, and stands behind it", async () => {
    await using database = await openFreshPostgres();
    const gate = Promise.withResolvers<void>();
    const appended = Promise.withResolvers<void>();
    const first = database.db.transaction().execute(async (tx) => {
      const positions = await appendChanges(tx, "acme", [change("a")]);
      appended.resolve();
      await gate.promise;
      return positions;
    });
    await appended.promise;
    const second = append(database.db, "acme", change("b"));
    const other = await append(database.db, "globex", change("c"));
    gate.resolve();
    expect([await first, await second, other]).toEqual([[1], [2], [1]]);
  });
});
