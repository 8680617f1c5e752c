import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database, Db } from "../db/index.ts";
import {
  type KeyProvider,
  openEach,
  openVault,
  parseMasterKeys,
  readKeysInUse,
  rotateDataKeys,
  rotateMasterKey,
  type Vault,
  verifyMasterKeys,
} from "./index.ts";
import { readTenantKeys } from "./store.ts";

const masterKey = (id: string): string => `${id}:${randomBytes(32).toString("base64")}`;
const old = masterKey("old");
const text = (value: string): Uint8Array => Buffer.from(value);
const item = (tenant: string, value: Uint8Array, purpose = "thing.column") => ({ tenant, value, purpose });
const broken = expect.objectContaining({ code: "VAULT_SEAL_BROKEN" }) as Error;

describe.each(databases)("the vault on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  let now = 1_000;
  const clock = { now: () => now, sleep: async () => {} };
  const vaultWith = (keys = old, mostTenants = 10): Vault => openVault({ db, provider: parseMasterKeys(keys), clock, mostTenants });
  const sealOne = async (vault: Vault, tenant: string, value: string): Promise<Uint8Array> =>
    (await vault.seal([item(tenant, text(value))]))[0]!;
  const openOne = async (vault: Vault, tenant: string, value: Uint8Array): Promise<string | undefined> => {
    const [bytes] = await vault.open([item(tenant, value)]);
    return bytes && Buffer.from(bytes).toString();
  };
  beforeAll(async () => {
    database = await open();
    db = database.db;
    return () => database.close();
  });
  beforeEach(async () => {
    await sql`delete from belay.tenant_key`.execute(db);
  });

  test("gives back what was sealed, of any tenants and in any batch, and never seals the same twice", async () => {
    const vault = vaultWith(old, 2);
    const thing = fc.record({
      tenant: fc.constantFrom("acme", "globex", "initech", "O'Hare \\ \u00fc"),
      value: fc.uint8Array({ maxLength: 200 }),
      purpose: fc.constantFrom("a.b", "c.d"),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { maxLength: 12 }), async (things) => {
        const sealed = await vault.seal(things);
        expect(new Set(sealed.map((bytes) => Buffer.from(bytes).toString("hex"))).size).toBe(things.length);
        const opened = await vaultWith().open(things.map((one, index) => ({ ...one, value: sealed[index]! })));
        expect(opened.map((bytes) => [...bytes!])).toEqual(things.map(({ value }) => [...value]));
      }),
      { numRuns: 25 },
    );
  });

  test("opens nothing of which one bit was changed, nor for another tenant or purpose", async () => {
    const vault = vaultWith();
    await sealOne(vault, "globex", "so that it has a key");
    const sealed = await sealOne(vault, "acme", "ada@example.com");
    await fc.assert(
      fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
        const changed = Uint8Array.from(sealed);
        changed[bit >> 3]! ^= 1 << (bit & 7);
        await expect(openOne(vault, "acme", changed)).rejects.toThrow(broken);
      }),
      { numRuns: 60 },
    );
    await expect(openOne(vault, "globex", sealed)).rejects.toThrow(broken);
    await expect(vault.open([item("acme", sealed, "other.column")])).rejects.toThrow(broken);
    for (const cut of [0, 1, 3, 30, sealed.length - 1])
      await expect(openOne(vault, "acme", sealed.subarray(0, cut))).rejects.toThrow(broken);
    await expect(openOne(vault, "nobody", sealed)).rejects.toThrow(broken);
  });

  test("makes one key a tenant, whoever asks first", async () => {
    const [a, b] = [vaultWith(), vaultWith()];
    const sealed = await Promise.all([sealOne(a, "acme", "a"), sealOne(b, "acme", "b"), sealOne(a, "acme", "c")]);
    expect(await Promise.all(sealed.map((one) => openOne(vaultWith(), "acme", one)))).toEqual(["a", "b", "c"]);
    expect(await readTenantKeys(db, ["acme"])).toHaveLength(1);
  });

  test("fingerprints alike for one tenant and value only, also after a rotation, and in 16 bytes", async () => {
    const vault = vaultWith();
    const prints = async (): Promise<string[]> =>
      (
        await vault.fingerprint([
          { tenant: "acme", value: "ada" },
          { tenant: "acme", value: "bob" },
          { tenant: "globex", value: "ada" },
        ])
      ).map((bytes) => Buffer.from(bytes).toString("hex"));
    const before = await prints();
    expect(new Set(before).size).toBe(3);
    expect(before.map((print) => print.length)).toEqual([32, 32, 32]);
    await rotateDataKeys(db, parseMasterKeys(old), 0);
    now += 61_000;
    expect(await prints()).toEqual(before);
  });

  test("seals under the new key after a rotation of data keys, opens what came before, and in processes that have not looked yet", async () => {
    const [here, there] = [vaultWith(), vaultWith()];
    const before = await sealOne(here, "acme", "before");
    await openOne(there, "acme", before);
    expect(await rotateDataKeys(db, parseMasterKeys(old), 1)).toBe(0);
    expect(await rotateDataKeys(db, parseMasterKeys(old), 0)).toBe(1);
    now += 61_000;
    const after = await sealOne(here, "acme", "after");
    expect([before[2], after[2]]).toEqual([1, 2]);
    now -= 61_000;
    expect([await openOne(there, "acme", after), await openOne(there, "acme", before)]).toEqual(["after", "before"]);
  });

  test("rotates the master key with processes running, stopped half-way and begun again", async () => {
    const running = vaultWith();
    const sealed = await sealOne(running, "acme", "kept");
    for (let index = 0; index < 120; index += 1) await sealOne(running, `tenant-${index}`, "x");
    const next = masterKey("next");
    const both = parseMasterKeys(`${next},${old}`);
    let left = 30;
    const failing: KeyProvider = {
      ...both,
      unwrap: async (...what) => {
        if ((left -= 1) < 0) throw new Error("the service is away");
        return await both.unwrap(...what);
      },
    };
    await expect(rotateMasterKey(db, failing)).rejects.toThrow("away");
    // What a person looks at to see that it is not done, and then that it is.
    expect((await readKeysInUse(db)).masterKeys).toEqual([
      { masterKey: "next", keys: 30, tenants: 30 },
      { masterKey: "old", keys: 91, tenants: 91 },
    ]);
    const told: number[] = [];
    expect(await rotateMasterKey(db, both, (done) => told.push(done))).toBe(91);
    expect(told).toEqual([91]);
    expect((await readKeysInUse(db)).masterKeys).toEqual([{ masterKey: "next", keys: 121, tenants: 121 }]);
    expect(await rotateMasterKey(db, both)).toBe(0);
    await expect(verifyMasterKeys({ db, provider: parseMasterKeys(old) })).rejects.toMatchObject({ code: "VAULT_MASTER_KEY_UNKNOWN" });
    await verifyMasterKeys({ db, provider: parseMasterKeys(next) });
    now += 61_000;
    // It has only the old one and reads its keys again.
    expect(await openOne(vaultWith(next), "acme", sealed)).toBe("kept");
    await expect(openOne(vaultWith(masterKey("next")), "acme", sealed)).rejects.toMatchObject({ code: "VAULT_MASTER_KEY_WRONG" });
  });

  test("a process that knows a key does not ask for it again when it was rewrapped", async () => {
    const running = vaultWith();
    const sealed = await sealOne(running, "acme", "kept");
    await rotateMasterKey(db, parseMasterKeys(`${masterKey("next")},${old}`));
    now += 61_000;
    expect(await openOne(running, "acme", sealed)).toBe("kept");
  });

  test("destroyed keys are gone for every process within a minute; what is sealed later has a key of its own", async () => {
    const [here, there] = [vaultWith(), vaultWith()];
    const sealed = await sealOne(here, "acme", "to be forgotten");
    const others = await sealOne(here, "globex", "to be kept");
    expect(await openOne(there, "acme", sealed)).toBe("to be forgotten");
    const [print] = await here.fingerprint([{ tenant: "acme", value: "ada" }]);
    expect(await here.destroy("acme")).toBe(1);
    expect(await here.destroy("acme")).toBe(0);
    expect(await openOne(here, "acme", sealed)).toBeUndefined();
    now += 61_000;
    expect(await openOne(there, "acme", sealed)).toBeUndefined();
    expect(await openOne(there, "globex", others)).toBe("to be kept");
    expect(await openOne(there, "acme", await sealOne(there, "acme", "new"))).toBe("new");
    expect(await openOne(there, "acme", sealed)).toBeUndefined();
    expect(await here.fingerprint([{ tenant: "acme", value: "ada" }])).not.toEqual([print]);
    const { rows } = await sql<{
      kept: number;
    }>`select count(wrapped)::integer as kept from belay.tenant_key where tenant = 'acme'`.execute(db);
    expect(rows).toEqual([{ kept: 1 }]);
  });

  test("what is wrong with one costs no other when each is opened for itself", async () => {
    const vault = vaultWith();
    const good = await sealOne(vault, "acme", "good");
    const gone = await sealOne(vault, "globex", "gone");
    await vault.destroy("globex");
    const things = [item("acme", good), item("acme", text("{}")), item("globex", gone), item("acme", good)];
    expect((await openEach(vault, things)).map((one) => ("bytes" in one ? Buffer.from(one.bytes).toString() : one.code))).toEqual([
      "good",
      "VAULT_SEAL_BROKEN",
      "VAULT_KEYS_DESTROYED",
      "good",
    ]);
  });
});

test.each([
  ["nothing", " ,\n"],
  ["no id", Buffer.alloc(32).toString("base64")],
  ["too short a key", `a:${Buffer.alloc(31).toString("base64")}`],
  ["a second with the id of the first", `${masterKey("a")},${masterKey("a")}`],
])("a master key that is %s is refused, and not repeated", (_, keys) => {
  expect(() => parseMasterKeys(keys)).toThrow(
    expect.objectContaining({ code: "VAULT_MASTER_KEY_INVALID", message: expect.not.stringContaining("AAAA") as string }) as Error,
  );
});

describe("many processes", () => {
  let database: Database;
  beforeAll(async () => void (database = await openFreshPostgres()));
  afterAll(() => database.close());

  test("that seal for the same new tenants at once agree on their keys", async () => {
    const clock = { now: () => 0, sleep: async () => {} };
    const tenants = Array.from({ length: 20 }, (_, index) => `t${index}`);
    const vaults = Array.from({ length: 8 }, () => openVault({ db: database.db, provider: parseMasterKeys(old), clock }));
    const sealed = await Promise.all(vaults.map((vault) => vault.seal(tenants.map((tenant) => item(tenant, text(tenant))))));
    for (const vault of vaults)
      for (const batch of sealed)
        expect((await vault.open(batch.map((value, index) => item(tenants[index]!, value)))).map(String)).toEqual(tenants);
    expect(await readTenantKeys(database.db, tenants)).toHaveLength(20);
  });
});
