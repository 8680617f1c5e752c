import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database, Db } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { type AuditFact, type AuditLog, openAudit } from "./audit-log.ts";
import type { AuditEntry } from "./entry.ts";
import { readAddress, readEntries } from "./read-entries.ts";
import { type AuditHead, type BrokenChain, ChainCheck } from "./verify-chain.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

const read: AuditFact = {
  tenant: "acme",
  actor: "operator:o1",
  role: "support",
  action: "messages.read",
  object: "id=12",
  outcome: "read",
  status: 200,
  code: "",
  address: "192.0.2.7",
};
const refused: AuditFact = { ...read, actor: "nobody", outcome: "refused", status: 401, code: "API_UNAUTHORIZED" };

function verify(entries: readonly AuditEntry[], head?: AuditHead): BrokenChain | undefined {
  const check = new ChainCheck(head);
  for (const entry of entries) check.add(entry);
  return check.end();
}

describe.each(databases)("the audit log on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  let audit: AuditLog;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    await vaultOf(db).seal([{ tenant: "", purpose: "x", value: new Uint8Array(1) }]);
  });
  afterAll(async () => await database.close());
  beforeEach(async () => {
    await tamper(sql`delete from belay.audit_entry`);
    audit = openAudit({ db, seal: vaultOf(db).seal, clock: systemClock, logger: silent });
  });

  /** What only somebody who owns the database can do. */
  async function tamper(...statements: ReturnType<typeof sql>[]): Promise<void> {
    await sql`alter table belay.audit_entry disable trigger user`.execute(db);
    for (const statement of statements) await statement.execute(db);
    await sql`alter table belay.audit_entry enable trigger user`.execute(db);
  }

  const all = async (): Promise<AuditEntry[]> => await readEntries(db, {}, 1_000);

  test("chains what is written, without gaps, and says who, what, where and when", async () => {
    await Promise.all(Array.from({ length: 25 }, async (_, index) => await audit.write({ ...read, object: `id=${index}` })));
    const entries = await all();
    expect(entries.map(({ number }) => number)).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    expect(verify(entries)).toBeUndefined();
    expect(entries[0]).toMatchObject({ actor: "operator:o1", tenant: "acme", action: "messages.read", object: "id=0", outcome: "read" });
    expect(Math.abs(Date.parse(entries[0]!.at) - Date.now())).toBeLessThan(60_000);
  });

  test("keeps addresses sealed, and opens them on demand", async () => {
    await audit.write(read);
    await audit.write({ ...read, address: undefined });
    const entries = await all();
    expect(Buffer.from(entries[0]!.address!, "base64").toString("latin1")).not.toContain("192.0.2.7");
    expect(await readAddress(vaultOf(db).open, entries)).toEqual(["192.0.2.7", null]);
  });

  test("is written in the transaction of the change, or not at all", async () => {
    const fact = await audit.prepare({ ...read, outcome: "done" });
    await db.transaction().execute(async (tx) => await audit.append(tx, fact));
    const failing = db.transaction().execute(async (tx) => {
      await audit.append(tx, fact);
      throw new Error("The change failed after all.");
    });
    await expect(failing).rejects.toThrow("after all");
    expect(await all()).toHaveLength(1);
  });

  test("cannot be changed, shortened or emptied", async () => {
    await audit.write(read);
    for (const statement of [
      sql`update belay.audit_entry set actor = 'somebody else'`,
      sql`delete from belay.audit_entry`,
      sql`truncate belay.audit_entry`,
    ])
      await expect(statement.execute(db)).rejects.toThrow("only added to");
    expect(await all()).toHaveLength(1);
  });

  describe("shows where somebody who owns the database", () => {
    beforeEach(async () => {
      for (let index = 1; index <= 6; index += 1) await audit.write({ ...read, object: `id=${index}` });
    });

    test.each(["tenant", "actor", "role", "action", "object", "code"])("changed the %s of an entry", async (column) => {
      await tamper(sql`update belay.audit_entry set ${sql.ref(column)} = 'other' where number = 3`);
      expect(verify(await all())).toMatchObject({ number: 3, kind: "changed" });
    });

    test("moved an entry in time, or changed its address or how it ended", async () => {
      await tamper(sql`update belay.audit_entry set at = at - interval '1 hour' where number = 2`);
      expect(verify(await all())).toMatchObject({ number: 2, kind: "changed" });
      await tamper(sql`update belay.audit_entry set address = null where number = 2`);
      expect(verify(await all())).toMatchObject({ number: 2, kind: "changed" });
    });

    test("removed one, put one in, or cut off the beginning of a kept export", async () => {
      const before = await all();
      expect(verify([...before.slice(0, 3), before[2]!, ...before.slice(3)])).toMatchObject({ number: 3, kind: "inserted" });
      await tamper(sql`delete from belay.audit_entry where number = 4`);
      expect(verify(await all())).toMatchObject({ number: 4, kind: "removed" });
    });

    test("wrote an entry anew together with its hash", async () => {
      const [, , third] = await all();
      const { hashEntry } = await import("./entry.ts");
      const forged = hashEntry({ ...third!, actor: "somebody else" });
      await tamper(sql`update belay.audit_entry set actor = 'somebody else', hash = decode(${forged}, 'hex') where number = 3`);
      expect(verify(await all())).toMatchObject({ number: 3, kind: "rewritten" });
    });

    test("cut off the end, or wrote it anew, as far as a head kept elsewhere shows it", async () => {
      const { number, hash } = (await all()).at(-1)!;
      expect(verify(await all(), { number, hash })).toBeUndefined();
      await tamper(sql`delete from belay.audit_entry where number > 4`);
      expect(verify(await all())).toBeUndefined();
      expect(verify(await all(), { number, hash })).toMatchObject({ number: 5, kind: "truncated" });
      await audit.write(read);
      await audit.write(read);
      expect(verify(await all())).toBeUndefined();
      expect(verify(await all(), { number, hash })).toMatchObject({ number: 6, kind: "rewritten" });
    });
  });

  test("counts a flood of refusals instead of writing each down, and loses none from the count", async () => {
    for (let index = 0; index < 1_000; index += 1) audit.refuse({ ...refused, address: `192.0.2.${index % 8}` });
    await audit.close();
    const entries = await all();
    expect(entries.length).toBeLessThanOrEqual(101);
    expect(entries.reduce((sum, { count }) => sum + count, 0)).toBe(1_000);
    expect(verify(entries)).toBeUndefined();
  });
});

test("processes that write at the same time make one chain", async () => {
  await using database = await openFreshPostgres();
  const { db } = database;
  const logs = Array.from({ length: 4 }, () => openAudit({ db, seal: vaultOf(db).seal, clock: systemClock, logger: silent }));
  await Promise.all(
    logs.flatMap((log, process) => Array.from({ length: 20 }, async (_, n) => await log.write({ ...read, object: `${process}/${n}` }))),
  );
  const entries = await readEntries(db, {}, 1_000);
  expect(entries).toHaveLength(80);
  expect(verify(entries)).toBeUndefined();
  expect(new Set(entries.map(({ object }) => object)).size).toBe(80);
});

test("nothing is promised to be written while the database is away", async () => {
  const database = await openFreshPostgres();
  const audit = openAudit({ db: database.db, seal: async () => [new Uint8Array(40)], clock: systemClock, logger: silent });
  await database.close();
  await expect(audit.write(read)).rejects.toMatchObject({ code: "AUDIT_UNWRITTEN" });
  audit.refuse(refused);
  await audit.close();
});
