import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases, freshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { buildCatalog, type CatalogInForce } from "../catalog/index.ts";
import { type Database, openDatabase } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { believes, ledgerOf, openCatalog, shopOf } from "./__fixtures__/wholesale.ts";
import {
  addConnection,
  type ConnectionFollower,
  followConnections,
  newConnectionId,
  newEndpoint,
  noteConnected,
  noteDisconnected,
  readFacts,
  removeConnection,
  sealAccount,
  setWebhookSecrets,
} from "./index.ts";
import { deleteMarks } from "./store.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

async function follow(database: Database, pollMs = 3_600_000): Promise<{ catalog: CatalogInForce; follower: ConnectionFollower }> {
  const catalog = openCatalog();
  const parts = { database, cipher: vaultOf(database.db), catalog, clock: systemClock, logger: silent, pollMs };
  return { catalog, follower: await followConnections(parts) };
}

/** Waits for what another process or the poll brings; the test's own time limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await systemClock.sleep(5);
}

describe.each(databases)("connections made at run time on $name", ({ open }) => {
  let database: Database;
  let catalog: CatalogInForce;
  let follower: ConnectionFollower;

  beforeAll(async () => {
    database = await open();
    ({ catalog, follower } = await follow(database));
    return async () => {
      await follower.close();
      await database.close();
    };
  });

  const add = async (connection: ReturnType<typeof shopOf>): Promise<void> => {
    await database.db.transaction().execute((tx) => addConnection(tx, catalog, connection));
    await follower.sync();
  };

  test("are found by id, tenant and endpoint, and events lead to them, without those of others being touched", async () => {
    await add(shopOf("initech", "conn_a1"));
    const endpoint = catalog.endpoints.get("endpoint-of-conn_a1");
    expect(endpoint?.connection).toEqual(shopOf("initech", "conn_a1"));
    expect(endpoint?.routes.get("sold")).toBeUndefined();
    expect(catalog.hostRoutes.get("initech")?.get("order.placed")).toBeUndefined();
    await add(ledgerOf("initech", "conn_a2"));
    expect(endpoint?.routes.get("sold")?.map(({ target }) => target.id)).toEqual(["conn_a2"]);
    expect(catalog.hostRoutes.get("initech")?.get("order.placed")?.[0]?.target.id).toBe("conn_a2");
    expect(catalog.hostRoutes.get("acme")?.get("order.placed")?.[0]?.target.id).toBe("acme-ledger");
    expect(catalog.ofTenant("initech").map(({ id }) => id)).toEqual(["conn_a1", "conn_a2"]);
  });

  test("stay when another configuration comes into force", async () => {
    await add(ledgerOf("stays", "conn_b1"));
    catalog.replace(buildCatalog({ ...catalog.config, connections: [] }));
    expect(catalog.connections.get("acme-ledger")).toBeUndefined();
    expect(catalog.hostRoutes.get("stays")?.get("order.placed")?.[0]?.target.id).toBe("conn_b1");
    catalog.replace(openCatalog());
  });

  test("are refused where a flow could not tell which is meant, also beside one of the configuration, and nothing is stored", async () => {
    await add(ledgerOf("double", "conn_c1"));
    await expect(add(ledgerOf("double", "conn_c2"))).rejects.toMatchObject({
      code: "CONNECTION_AMBIGUOUS",
      message: expect.stringContaining('"conn_c1"'),
    });
    await expect(add(ledgerOf("acme", "conn_c3"))).rejects.toMatchObject({ code: "CONNECTION_AMBIGUOUS" });
    await follower.sync();
    expect(catalog.ofTenant("double").map(({ id }) => id)).toEqual(["conn_c1"]);
  });

  test("that came to be ambiguous all the same leave the first as the target, and stop nobody", () => {
    const other = openCatalog();
    other.put(ledgerOf("late", "conn_1"));
    other.put(ledgerOf("late", "conn_2"));
    other.put(shopOf("late", "conn_3"));
    expect(other.endpoints.get("endpoint-of-conn_3")?.routes.get("sold")?.[0]?.target.id).toBe("conn_1");
    other.remove("conn_1");
    expect(other.endpoints.get("endpoint-of-conn_3")?.routes.get("sold")?.[0]?.target.id).toBe("conn_2");
  });

  test("have webhook secrets that can be replaced one at a time while events come in, and lie in the table sealed", async () => {
    const parts = { db: database.db, cipher: vaultOf(database.db), catalog };
    const connection = shopOf("rotating", "conn_d1");
    await add(connection);
    expect(await believes(catalog, "endpoint-of-conn_d1", "old-secret")).toBe(false);
    const set = async (...secrets: string[]): Promise<void> => {
      await setWebhookSecrets(parts, connection, secrets);
      await follower.sync();
    };
    await set("old-secret");
    expect(await believes(catalog, "endpoint-of-conn_d1", "old-secret")).toBe(true);
    await set("new-secret", "old-secret");
    expect(await believes(catalog, "endpoint-of-conn_d1", "old-secret")).toBe(true);
    await set("new-secret");
    expect(await believes(catalog, "endpoint-of-conn_d1", "old-secret")).toBe(false);
    expect(await believes(catalog, "endpoint-of-conn_d1", "new-secret")).toBe(true);
    const { rows } = await sql<{ row: string }>`select c::text as row from belay.connection c where id = 'conn_d1'`.execute(database.db);
    expect(rows[0]?.row).not.toContain(Buffer.from("new-secret").toString("hex"));
    await expect(setWebhookSecrets(parts, { tenant: "acme", id: "acme-shop" }, ["s"])).rejects.toMatchObject({
      code: "CONNECTION_UNKNOWN",
    });
    await add(ledgerOf("rotating", "conn_d2"));
    await expect(setWebhookSecrets(parts, ledgerOf("rotating", "conn_d2"), ["s"])).rejects.toMatchObject({
      code: "CONNECTION_TAKES_NO_WEBHOOKS",
    });
  });

  test("remember who connected them and whose account it is; one of the configuration too", async () => {
    const { db } = database;
    const cipher = vaultOf(db);
    for (const connection of [ledgerOf("facts", "conn_e1"), ledgerOf("acme", "acme-ledger")]) {
      if (connection.id !== "acme-ledger") await add(connection);
      const account = await sealAccount(cipher, connection, { accountId: "a-7", accountName: "Jane’s books", userName: "Jane" });
      await db.transaction().execute((tx) => noteConnected(tx, catalog, connection, { actor: "key k1", account }));
      const facts = (await readFacts(db, cipher, [connection])).get(connection.id);
      expect(facts).toMatchObject({
        accountId: "a-7",
        accountName: "Jane’s books",
        userName: "Jane",
        connectedBy: "key k1",
        disconnectedAt: null,
      });
      expect(facts?.connectedAt).toMatch(/^\d{4}-/);
      const disconnect = (): Promise<boolean> =>
        db.transaction().execute((tx) => noteDisconnected(tx, catalog, connection, { actor: "key k2", revoking: undefined }));
      expect(await disconnect()).toBe(true);
      expect(await disconnect()).toBe(false);
      expect((await readFacts(db, cipher, [connection])).get(connection.id)).toMatchObject({ disconnectedBy: "key k2", accountId: "a-7" });
    }
    await follower.sync();
    expect(catalog.isAdded("acme-ledger")).toBe(false);
    const { rows } = await sql<{ row: string }>`select c::text as row from belay.connection c`.execute(db);
    expect(JSON.stringify(rows)).not.toContain("Jane");
  });

  test("are removed only after they were disconnected, and then gone from the catalog; the mark goes later", async () => {
    const { db } = database;
    const connection = shopOf("gone", "conn_f1");
    await add(connection);
    await expect(removeConnection(db, catalog, connection)).rejects.toMatchObject({ code: "CONNECTION_IN_USE" });
    await db.transaction().execute((tx) => noteDisconnected(tx, catalog, connection, { actor: "x", revoking: undefined }));
    await removeConnection(db, catalog, connection);
    await follower.sync();
    expect(catalog.connections.has("conn_f1")).toBe(false);
    expect(catalog.endpoints.has("endpoint-of-conn_f1")).toBe(false);
    expect(catalog.hostRoutes.has("gone")).toBe(false);
    expect(await deleteMarks(db, 7, 10)).toEqual([]);
    expect(await deleteMarks(db, -1, 10)).toMatchObject([{ id: "conn_f1" }]);
    await expect(removeConnection(db, catalog, { tenant: "acme", id: "acme-shop" })).rejects.toMatchObject({ code: "CONNECTION_UNKNOWN" });
  });

  test("of a process that starts later are all there", async () => {
    const later = await follow(database);
    expect(later.catalog.added.map(({ id }) => id).toSorted()).toEqual(catalog.added.map(({ id }) => id).toSorted());
    expect(await believes(later.catalog, "endpoint-of-conn_d1", "new-secret")).toBe(true);
    await later.follower.close();
  });
});

test("ids and endpoints are drawn anew each time, and ids say by how they begin that they are not of a configuration", () => {
  expect(newConnectionId()).toMatch(/^conn_[0-9a-f]{24}$/);
  expect(new Set(Array.from({ length: 100 }, newConnectionId)).size).toBe(100);
  expect(newEndpoint()).toMatch(/^[\w-]{32}$/);
});

describe("several processes", () => {
  let first: Database;
  let second: Database;
  beforeAll(async () => {
    const url = await freshPostgres();
    [first, second] = [openDatabase({ kind: "postgres", url }), openDatabase({ kind: "postgres", url })];
    return async () => {
      await first.close();
      await second.close();
    };
  });

  test("the others learn of it from a notice, and from the poll when the notice was lost", async () => {
    const here = await follow(first);
    const noticed = await follow(second);
    const polled = await follow({ ...second, url: undefined }, 20);
    await first.db.transaction().execute((tx) => addConnection(tx, here.catalog, ledgerOf("far", "conn_n1")));
    await until(() => noticed.catalog.connections.has("conn_n1") && polled.catalog.connections.has("conn_n1"));
    const heard: string[] = [];
    noticed.catalog.watch((change) => heard.push(change.kind === "put" ? change.connection.id : `no ${change.id}`));
    await first.db.transaction().execute((tx) => addConnection(tx, here.catalog, shopOf("far", "conn_n2")));
    await until(() => heard.includes("conn_n2"));
    for (const { follower } of [here, noticed, polled]) await follower.close();
  });

  test("a change that is committed after a later one is not missed", async () => {
    const { catalog, follower } = await follow({ ...second, url: undefined });
    const release = Promise.withResolvers<void>();
    const inserted = Promise.withResolvers<void>();
    const slow = first.db.transaction().execute(async (tx) => {
      await addConnection(tx, catalog, ledgerOf("slow", "conn_s1"));
      inserted.resolve();
      await release.promise;
    });
    await inserted.promise;
    await first.db.transaction().execute((tx) => addConnection(tx, catalog, ledgerOf("quick", "conn_s2")));
    await follower.sync();
    expect([catalog.connections.has("conn_s1"), catalog.connections.has("conn_s2")]).toEqual([false, true]);
    release.resolve();
    await slow;
    await follower.sync();
    expect(catalog.connections.has("conn_s1")).toBe(true);
    await follower.close();
  });

  test("of two who connect the same provider for a tenant at once one is refused", async () => {
    const { catalog, follower } = await follow(first);
    const adding = [first, second].map(({ db }, index) =>
      db.transaction().execute((tx) => addConnection(tx, catalog, ledgerOf("race", `conn_r${index}`))),
    );
    const outcomes = (await Promise.allSettled(adding)).map((outcome) => (outcome.status === "rejected" ? outcome.reason.code : "added"));
    expect(outcomes).toHaveLength(2);
    expect(new Set(outcomes)).toEqual(new Set(["added", "CONNECTION_AMBIGUOUS"]));
    await follower.close();
  });
});
