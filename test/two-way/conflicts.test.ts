import { createBelayClient } from "@belay/sdk/client";
import { expect, test, vi } from "vitest";
import { buildCatalog, loadConfig } from "../../packages/server/src/catalog/index.ts";
import { openDatabase } from "../../packages/server/src/db/index.ts";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { decideConflict, listConflicts, listLinks, readTwoWays } from "../../packages/server/src/two-way/index.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey, vaultOf } from "../setup/vault.ts";
import { startPeopleSystem } from "./people-system.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const config = new URL("./belay.config.ts", import.meta.url);
const patience = { timeout: 60_000, interval: 50 };

test("a field that both sides have changed waits for a decision, which both get, while everything else goes on", async () => {
  let time = 1_000;
  const clock = (): number => (time += 1);
  await using crm = await startPeopleSystem("c", clock);
  await using book = await startPeopleSystem("b", clock);
  Object.assign(process.env, { CRM_URL: crm.url, BOOK_URL: book.url, TWO_WAY_CONFLICT: "queue" });
  const inCrm = crm.add({ name: "Ada", email: "ada@example.com" });
  const inBook = book.add({ name: "Ada", email: "ada@example.com" });
  const url = await freshPostgres();
  const catalog = buildCatalog(await loadConfig(String(config)));
  const belay = await startBelay({
    config,
    database: { kind: "postgres", url },
    masterKey: testMasterKey,
    adminToken,
    logger: createLogger("silent"),
  });
  const database = openDatabase({ kind: "postgres", url });
  try {
    const { db } = database;
    const parts = { db, cipher: vaultOf(db), catalog };
    const client = createBelayClient({ url: belay.url, token: adminToken });
    const walk = async (): Promise<void> => {
      await client.runSync("customers", { tenant: "acme", connection: "acme-crm" });
      await client.runSync("entries", { tenant: "acme", connection: "acme-book" });
    };
    const nameInCrm = async (): Promise<unknown> => {
      for await (const { data } of client.records({ tenant: "acme", connection: "acme-crm" })) return Reflect.get(Object(data), "name");
      return undefined;
    };
    const show = async () => (await readTwoWays(parts, {}, undefined, 10))[0];
    await vi.waitFor(async () => expect(await show()).toMatchObject({ links: { equal: 1 }, behind: 0, blocked: null }), patience);

    crm.edit(inCrm, { name: "Ada Lovelace", phone: "1" });
    book.edit(inBook, { name: "Ada King" });
    await walk();
    await vi.waitFor(async () => expect(await show()).toMatchObject({ links: { held: 1 }, conflicts: 1, behind: 0 }), patience);
    const [conflict] = await listConflicts(parts, { tenant: "acme" }, undefined, 10);
    expect(conflict).toMatchObject({ twoWay: "people", field: "name", a: "Ada Lovelace", b: "Ada King", base: "Ada", decidedBy: null });
    // The other field is not held up by it.
    await vi.waitFor(() => expect(book.people.get(inBook)).toMatchObject({ name: "Ada King", phone: "1" }), patience);
    expect(crm.people.get(inCrm)).toMatchObject({ name: "Ada Lovelace" });

    // Decided while nothing can be written, and changed once more before that: whoever decided did not know of it.
    await client.pause({ scope: "connection", id: "acme-book", why: "to see" });
    await decideConflict(parts, conflict!, { side: "a" }, { actor: "somebody" });
    crm.edit(inCrm, { name: "Ada Byron" });
    await client.runSync("customers", { tenant: "acme", connection: "acme-crm" });
    await vi.waitFor(async () => expect(await nameInCrm()).toBe("Ada Byron"), patience);
    await client.resume({ scope: "connection", id: "acme-book" });
    const conflictNow = async () => (await listConflicts(parts, { tenant: "acme" }, undefined, 10))[0];
    await vi.waitFor(async () => expect(await conflictNow()).toMatchObject({ a: "Ada Byron", b: "Ada King", decidedBy: null }), patience);
    expect(crm.people.get(inCrm)).toMatchObject({ name: "Ada Byron" });
    expect(book.people.get(inBook)).toMatchObject({ name: "Ada King" });

    await decideConflict(parts, conflict!, { value: "Ada, Countess" }, { actor: "somebody" });
    await vi.waitFor(() => {
      expect(crm.people.get(inCrm)?.name).toBe("Ada, Countess");
      expect(book.people.get(inBook)?.name).toBe("Ada, Countess");
    }, patience);
    await vi.waitFor(async () => expect(await show()).toMatchObject({ links: { equal: 1, held: 0 }, conflicts: 0 }), patience);
    const links = await listLinks(db, { tenant: "acme", twoWay: "people" }, "", 10);
    expect(links).toMatchObject([{ a: inCrm, b: inBook, awaits: null, code: null }]);
    await expect(decideConflict(parts, conflict!, { side: "a" }, { actor: "somebody" })).rejects.toMatchObject({ code: "TWO_WAY_DECIDED" });
  } finally {
    delete process.env["TWO_WAY_CONFLICT"];
    await belay.close(1_000);
    await database.close();
  }
});
