import { createBelayClient, type BelayClient } from "@belay/sdk/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { json } from "../../packages/sdk/src/http/__fixtures__/local-provider.ts";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type AddressBook, startAddressBook } from "./address-book.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const own = new URL("./belay.config.ts", import.meta.url);
const renamed = new URL("./renamed.config.ts", import.meta.url);
const patience = { timeout: 60_000, interval: 50 };

type Sync = Awaited<ReturnType<BelayClient["syncs"]>>[number];

describe.each([
  { name: "PostgreSQL", open: async () => ({ kind: "postgres", url: await freshPostgres() }) as const },
  { name: "PGlite", open: async () => ({ kind: "pglite" }) as const },
])("syncs on $name", ({ open }) => {
  let book: AddressBook;
  let belay: Awaited<ReturnType<typeof startBelay>>;
  let client: BelayClient;
  let database: Awaited<ReturnType<typeof open>>;

  const start = async (config = own): Promise<void> => {
    belay = await startBelay({ config, database, masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
    client = createBelayClient({ url: belay.url, token: adminToken });
  };
  beforeAll(async () => {
    book = await startAddressBook(50);
    process.env["BOOK_URL"] = book.url;
    for (let number = 0; number < 120; number += 1) book.put(String(number).padStart(4, "0"), `Person ${number}`);
    book.put("0007", "broken");
    book.put("0008", "nobody");
    book.put("0009", "x".repeat(50));
    database = await open();
    await start();
  });
  afterAll(async () => {
    await belay.close(1_000);
    await book[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    book.onPage = () => false;
  });

  const syncOf = async (tenant: string): Promise<Sync> => {
    const [sync] = await client.syncs({ tenant });
    return sync!;
  };
  const at = (tenant: string): { tenant: string; connection: string } => ({ tenant, connection: `${tenant}-book` });
  const walked = async (tenant: string, after = 0): Promise<Sync> =>
    await vi.waitFor(async () => {
      const sync = await syncOf(tenant);
      expect(sync).toMatchObject({ state: "idle", walk: { id: expect.toSatisfy((id) => Number(id) > after) } });
      return sync;
    }, patience);
  /** Lets a walk begin and end. */
  const walk = async (tenant: string, full = false): Promise<Sync> => {
    const before = await walked(tenant);
    await client.runSync("people", { ...at(tenant), full });
    return await walked(tenant, before.walk!.id);
  };
  const records = async (tenant: string) => {
    const all = [];
    for await (const record of client.records({ tenant })) all.push(record);
    return all;
  };
  const pending = async (tenant: string) => {
    const all = [];
    for await (const one of client.pendingDeletes("people", at(tenant))) all.push(one);
    return all;
  };

  test("the first walk keeps what it can map, and says why it could not take the rest", async () => {
    for (const tenant of ["acme", "globex"]) {
      const sync = await walked(tenant);
      expect(sync).toMatchObject({
        records: 117,
        troubles: 2,
        walk: { kind: "first", state: "complete", seen: 120, created: 117, troubled: 2, pages: 3, proof: { covers: "all" } },
      });
      expect(sync.lastProvenAt).not.toBeNull();
    }
    // What is told is written down by and by.
    const told = async () => (await client.stream({ type: "configuration.loaded" })).items[0];
    await vi.waitFor(async () => expect(await told()).toMatchObject({ data: { syncs: 1, twoWays: 0, batches: 0, views: 0 } }), patience);
    const found = await client.recordTroubles("people", at("acme"));
    expect(found).toMatchObject([
      { externalId: "0007", code: "SYNC_MAP_FAILED", reason: "Error: this name cannot be mapped", raw: { name: "broken" } },
      { externalId: "0009", code: "SYNC_RECORD_INVALID" },
    ]);
    // Who has the whole sync in hand asks by that: the command that shows it does.
    expect(await client.recordTroubles("people", await syncOf("acme"))).toHaveLength(2);
    expect(await client.walks("people", await syncOf("acme"))).toMatchObject([{ kind: "first", state: "complete" }]);
    await expect(pending("nobody")).rejects.toMatchObject({ code: "API_NOT_FOUND" });
    const all = await records("acme");
    expect(all).toHaveLength(117);
    expect(all[0]).toMatchObject({
      externalId: "0000",
      model: "contact",
      data: { name: "Person 0", mail: "0000@example.com" },
      raw: { id: "0000", name: "Person 0" },
      lineage: { sync: "people", mapping: "1" },
    });
  });

  test("what has not changed is read and not written, and what has is", async () => {
    book.put("0001", "Renamed");
    book.put("0500", "Late");
    const sync = await walk("acme");
    expect(sync.walk).toMatchObject({ kind: "full", created: 1, updated: 1, unchanged: 117, deleted: 0 });
    const [record] = (await records("acme")).filter(({ externalId }) => externalId === "0001");
    const { versions } = await client.record("acme", record!.id);
    expect(versions.map(({ kind, data }) => [kind, data])).toEqual([
      ["updated", expect.objectContaining({ name: "Renamed" })],
      ["created", expect.objectContaining({ name: "Person 1" })],
    ]);
  });

  test("a record that was troubled is taken when it can be", async () => {
    book.put("0007", "Mended");
    const sync = await walk("acme");
    expect(sync).toMatchObject({ troubles: 1, records: 119 });
  });

  test("a trouble ends when its record is gone at the provider", async () => {
    book.put("0900", "broken");
    expect(await walk("acme")).toMatchObject({ troubles: 2, records: 119 });
    book.people.delete("0900");
    expect(await walk("acme")).toMatchObject({ troubles: 1, records: 119 });
    expect(await client.recordTroubles("people", at("acme"))).toMatchObject([{ externalId: "0009" }]);
  });

  test("what is gone at the provider is deleted under a proof, and too many wait for an approval", async () => {
    for (const id of ["0010", "0011", "0012"]) book.people.delete(id);
    expect(await walk("acme")).toMatchObject({ records: 116, walk: { deleted: 3 } });
    for (let number = 60; number < 120; number += 1) book.people.delete(String(number).padStart(4, "0"));
    const held = await walk("acme");
    expect(held).toMatchObject({ records: 116, deletesHeld: 60, walk: { deleted: 0, state: "complete" } });
    // One comes back before anybody has decided.
    book.put("0060", "Person 60 again");
    expect(await walk("acme")).toMatchObject({ deletesHeld: 59 });
    const waiting = await pending("acme");
    expect(waiting.map(({ externalId, why }) => `${externalId} ${why}`)).toEqual(
      Array.from({ length: 59 }, (_, index) => `${String(61 + index).padStart(4, "0")} missing`),
    );
    expect(waiting[0]!.record).toBe((await records("acme")).find(({ externalId }) => externalId === "0061")!.id);
    expect(await client.decideDeletes("people", at("acme"), "approve")).toBe(59);
    expect(await pending("acme")).toEqual([]);
    expect(await syncOf("acme")).toMatchObject({ records: 57, deletesHeld: 0, deletesHeldUntil: null });
    expect(await records("acme")).toHaveLength(57);
    await expect(client.decideDeletes("people", at("acme"), "approve")).rejects.toMatchObject({ code: "SYNC_NOTHING_HELD" });
  });

  test("what a walk has deleted can be brought back, as it was; what came back by itself is left alone", async () => {
    const gone = ["0020", "0021", "0022", "0023"];
    const before = (await records("acme")).filter(({ externalId }) => gone.includes(externalId));
    for (const id of gone) book.people.delete(id);
    const { walk: deleting } = await walk("acme");
    expect(deleting).toMatchObject({ deleted: 4 });
    // Another walk changes nothing of it, and one record is there again.
    book.put("0023", "Back by herself");
    expect(await walk("acme")).toMatchObject({ records: 54, walk: { updated: 1 } });
    const undone = await client.undoDeletes("people", { ...at("acme"), walk: deleting!.id });
    expect(undone).toEqual({ restored: 3, leftAlone: 1, records: [{ externalId: "0023", why: "came-back" }], paused: true });
    expect(await syncOf("acme")).toMatchObject({ state: "paused", records: 57 });
    const after = (await records("acme")).filter(({ externalId }) => gone.includes(externalId));
    const plain = ({ id, externalId, data, raw }: (typeof after)[number]) => ({ id, externalId, data, raw });
    expect(after.slice(0, 3).map(plain)).toEqual(before.slice(0, 3).map(plain));
    expect(after[3]).toMatchObject({ id: before[3]!.id, data: { name: "Back by herself" } });
    const { versions } = await client.record("acme", before[0]!.id);
    expect(versions.map(({ kind }) => kind).slice(0, 2)).toEqual(["restored", "deleted"]);
    // Again: nothing is left to do, and nothing is done twice.
    expect(await client.undoDeletes("people", { ...at("acme"), walk: deleting!.id })).toMatchObject({
      restored: 0,
      leftAlone: 1,
      paused: false,
    });
    await expect(client.undoDeletes("people", { ...at("acme"), walk: 1_000_000 })).rejects.toMatchObject({ code: "SYNC_NOTHING_TO_UNDO" });
    // The provider has them again as well: to the next walk they are what they were.
    for (const [index, id] of gone.slice(0, 3).entries()) book.people.set(id, before[index]!.raw as never);
    await client.resumeSync("people", at("acme"));
    expect(await walk("acme")).toMatchObject({ records: 57, walk: { deleted: 0, created: 0, updated: 0 } });
  });

  test("deletes that somebody has approved can be brought back by the walk that missed them", async () => {
    const gone = (await records("acme")).slice(0, 30).map(({ externalId }) => externalId);
    const people = gone.map((id) => book.people.get(id)!);
    for (const id of gone) book.people.delete(id);
    const held = await walk("acme");
    expect(held).toMatchObject({ deletesHeld: 30 });
    expect(await client.decideDeletes("people", at("acme"), "approve")).toBe(30);
    // By that it is found.
    expect((await client.walks("people", at("acme")))[0]).toMatchObject({ id: held.walk!.id, deleted: 30 });
    expect(await client.undoDeletes("people", { ...at("acme"), walk: held.walk!.id })).toMatchObject({ restored: 30, leftAlone: 0 });
    for (const person of people) book.people.set(person.id, person);
    await client.resumeSync("people", at("acme"));
    expect(await walk("acme")).toMatchObject({ records: 57, walk: { deleted: 0, created: 0, updated: 0 } });
  });

  test("what the mapping leaves out although it was there waits for an approval where it is much, as after a slip", async () => {
    const people = (await records("acme")).slice(0, 30).map(({ externalId }) => book.people.get(externalId)!);
    for (const { id } of people) book.put(id, "nobody");
    expect(await walk("acme", true)).toMatchObject({ records: 57, deletesHeld: 30, walk: { deleted: 0 } });
    expect(await records("acme")).toHaveLength(57);
    for (const person of people) book.people.set(person.id, person);
    expect(await walk("acme")).toMatchObject({ records: 57, deletesHeld: 0, walk: { deleted: 0, created: 0, updated: 0 } });
  });

  test("two tenants with settings of their own run one mapping", async () => {
    await walk("globex");
    await client.setSyncSettings("people", "globex", { shout: true });
    await vi.waitFor(async () => {
      const names = (await records("globex")).map(({ data }) => Reflect.get(Object(data), "name"));
      expect(names).toContain("RENAMED");
    }, patience);
    expect((await records("acme")).map(({ data }) => Reflect.get(Object(data), "name"))).toContain("Renamed");
    await expect(client.setSyncSettings("people", "globex", { shout: "loud" })).rejects.toMatchObject({ code: "SYNC_SETTINGS_INVALID" });
  });

  test("a paused walk stops after its page, and goes on from there", async () => {
    await walked("acme");
    // Its pages would be counted as well.
    await walked("globex");
    let asked: string[] = [];
    const reached = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    for (let number = 200; number < 500; number += 1) book.put(String(number).padStart(4, "0"), `Person ${number}`);
    book.onPage = async (_response, after) => {
      asked.push(after);
      if (asked.length === 3) {
        reached.resolve();
        await go.promise;
      }
      return false;
    };
    const before = await syncOf("acme");
    await client.runSync("people", at("acme"));
    await reached.promise;
    await client.pauseSync("people", { ...at("acme"), why: "for the test" });
    expect(await syncOf("acme")).toMatchObject({ state: "paused", pausedWhy: "for the test", walk: { state: "open" } });
    await expect(client.runSync("people", at("acme"))).rejects.toMatchObject({ code: "SYNC_PAUSED" });
    go.resolve();
    await vi.waitFor(() => expect(asked.length).toBeGreaterThanOrEqual(4), patience);
    const stopped = await vi.waitFor(async () => {
      const { walk: open } = await syncOf("acme");
      expect(open!.pages).toBeGreaterThanOrEqual(2);
      return open!;
    }, patience);
    expect(stopped.state).toBe("open");
    asked = [];
    await client.resumeSync("people", at("acme"));
    const sync = await walked("acme", before.walk!.id);
    expect(sync).toMatchObject({ records: 357, walk: { id: stopped.id, created: 300 } });
    expect(asked).not.toContain("");
  });

  test("a provider that fails is asked again, and the walk goes on from the page that was kept", async () => {
    let failures = 0;
    book.onPage = (response, after) => {
      if (after <= "0100" || failures === 4) return false;
      failures += 1;
      json(response, 500, {});
      return true;
    };
    const sync = await walk("acme");
    expect(failures).toBe(4);
    expect(sync.walk).toMatchObject({ state: "complete", unchanged: 358, created: 0, deleted: 0 });
  });

  test("a server that is stopped in the middle of a walk goes on when it is there again", async () => {
    if (database.kind === "pglite") return;
    for (let number = 500; number < 700; number += 1) book.put(`1${number}`, `Person ${number}`);
    const before = await walked("acme");
    const asked: string[] = [];
    const reached = Promise.withResolvers<void>();
    book.onPage = (_response, after) => {
      asked.push(after);
      if (asked.length >= 5) reached.resolve();
      // Nobody answers any more.
      return asked.length >= 5;
    };
    await client.runSync("people", at("acme"));
    await reached.promise;
    await belay.close(0);
    book.onPage = (_response, after) => {
      asked.push(after);
      return false;
    };
    const again = asked.length;
    await start();
    const sync = await walked("acme", before.walk!.id);
    expect(sync).toMatchObject({ records: 557, walk: { state: "complete", created: 200, seen: 559 } });
    expect(asked.slice(again)).not.toContain("");
  });

  test("a sync that gets another name keeps the records as they are, and notices what goes", async () => {
    if (database.kind === "pglite") return;
    const before = await records("acme");
    await belay.close(1_000);
    book.onPage = () => false;
    await start(renamed);
    const [gone] = before;
    book.people.delete(gone!.externalId);
    const persons = await vi.waitFor(async () => {
      const [sync] = await client.syncs({ tenant: "acme", sync: "persons" });
      expect(sync).toMatchObject({ state: "idle", walk: { kind: "first", state: "complete" } });
      return sync;
    }, patience);
    const after = await records("acme");
    expect(persons).toMatchObject({ records: after.length, walk: { deleted: 1 } });
    const idsOf = (some: typeof before) => new Map(some.map(({ externalId, id }) => [externalId, id]));
    for (const { externalId, id } of before.slice(1)) expect(idsOf(after).get(externalId)).toBe(id);
  });
});
