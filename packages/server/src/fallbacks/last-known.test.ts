import { sql } from "kysely";
import { beforeAll, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import type { Database } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { fallbackJobs, type LastKnownBook, openLastKnown } from "./index.ts";
import { deleteExcessKnown } from "./store.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const call = { tenant: "acme", connection: "acme-hubspot", key: "hubspot.contact.get /contacts/ada@example.com" };

describe.each(databases)("last known answers on $name", ({ open }) => {
  let database: Database;

  beforeAll(async () => {
    database = await open();
    return () => database.close();
  });

  const openBook = (): LastKnownBook =>
    openLastKnown({ db: database.db, cipher: vaultOf(database.db), clock: systemClock, logger: silent });

  /** Kept and written, as a process does that ends. */
  const keep = async (...answers: readonly { tenant?: string; key?: string; value: string; ageMs?: number }[]): Promise<void> => {
    const book = openBook();
    for (const { ageMs = 0, ...answer } of answers) book.keep({ ...call, ...answer, at: systemClock.now() - ageMs });
    await book.close();
  };

  const find = async (asked: Partial<typeof call> = {}): Promise<{ value: string; ageMs: number } | undefined> => {
    const book = openBook();
    const found = await book.find({ ...call, ...asked });
    await book.close();
    return found;
  };

  test("are found by another process, with an age that counts from before the call", async () => {
    await keep({ value: '{"status":200}', ageMs: 5_000 });
    const found = await find();
    expect(found?.value).toBe('{"status":200}');
    expect(found?.ageMs).toBeGreaterThanOrEqual(5_000);
    expect(found?.ageMs).toBeLessThan(65_000);
  });

  test("are found at once in the process that has just kept them", async () => {
    const book = openBook();
    book.keep({ ...call, key: "at once", value: "1", at: systemClock.now() });
    expect(await book.find({ ...call, key: "at once" })).toMatchObject({ value: "1" });
    await book.close();
  });

  test("a newer one replaces an older one, and never the other way round", async () => {
    await keep({ key: "order", value: "new" });
    await keep({ key: "order", value: "old", ageMs: 60_000 });
    expect(await find({ key: "order" })).toMatchObject({ value: "new" });
    await keep({ key: "order", value: "newest" }, { key: "order", value: "older", ageMs: 1_000 });
    expect(await find({ key: "order" })).toMatchObject({ value: "newest" });
  });

  test("are of one tenant and one call only", async () => {
    await keep({ key: "mine", value: "acme's" });
    expect(await find({ key: "mine", tenant: "globex" })).toBeUndefined();
    expect(await find({ key: "mine", connection: "other" })).toBeUndefined();
    expect(await find({ key: "another" })).toBeUndefined();
  });

  test("are sealed: neither what was asked nor what was answered can be read in the table", async () => {
    await keep({ value: '{"email":"ada@example.com"}' });
    const { rows } = await sql<{ text: string }>`
      select encode(key, 'escape') || encode(value, 'escape') as text from belay.last_known where tenant = 'acme'
    `.execute(database.db);
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) expect(text).not.toContain("ada@");
  });

  test("are gone with their tenant's keys", async () => {
    await keep({ tenant: "initech", value: "1" });
    await vaultOf(database.db).destroy("initech");
    expect(await find({ tenant: "initech" })).toBeUndefined();
  });

  test("are forgotten after a week, and the oldest of a tenant that has too many", async () => {
    const week = 7 * 24 * 3_600_000;
    await keep(
      { tenant: "hooli", key: "old", value: "1", ageMs: week + 60_000 },
      { tenant: "hooli", key: "young", value: "2", ageMs: week - 60_000 },
    );
    for (const job of fallbackJobs(database.db)) await job.run();
    expect(await find({ tenant: "hooli", key: "old" })).toBeUndefined();
    expect(await find({ tenant: "hooli", key: "young" })).toMatchObject({ value: "2" });
    await keep({ tenant: "hooli", key: "younger", value: "3" });
    await deleteExcessKnown(database.db, 1);
    expect(await find({ tenant: "hooli", key: "young" })).toBeUndefined();
    expect(await find({ tenant: "hooli", key: "younger" })).toMatchObject({ value: "3" });
  });
});
