import { createHmac } from "node:crypto";
import { createBelayClient, type BelayClient } from "@belay/sdk/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type AddressBook, startAddressBook } from "./address-book.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const patience = { timeout: 60_000, interval: 20 };
const at = { tenant: "acme", connection: "acme-book" };

describe.each([
  { name: "PostgreSQL", open: async () => ({ kind: "postgres", url: await freshPostgres() }) as const },
  { name: "PGlite", open: async () => ({ kind: "pglite" }) as const },
])("hints on $name", ({ open }) => {
  let book: AddressBook;
  let belay: Awaited<ReturnType<typeof startBelay>>;
  let client: BelayClient;
  let pages = 0;

  beforeAll(async () => {
    book = await startAddressBook();
    process.env["BOOK_URL"] = book.url;
    for (let number = 0; number < 20; number += 1) put(`0${number}`, `Person ${number}`);
    const config = new URL("./hinted.config.ts", import.meta.url);
    belay = await startBelay({ config, database: await open(), masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
    client = createBelayClient({ url: belay.url, token: adminToken });
    await idle();
  });
  afterAll(async () => {
    await belay.close(1_000);
    await book[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    book.onPage = () => {
      pages += 1;
      return false;
    };
  });

  const put = (id: string, name: string): void => book.put(id, name, { updated: Date.now() });
  const idle = async (): Promise<void> => {
    await vi.waitFor(async () => {
      const [sync] = await client.syncs({ tenant: "acme" });
      expect(sync).toMatchObject({ state: "idle", walk: { state: "complete" } });
    }, patience);
  };
  const walks = async () => await client.walks("people", at);
  const namesOf = async (): Promise<Map<string, unknown>> => {
    const names = new Map<string, unknown>();
    for await (const { externalId, data } of client.records({ tenant: "acme" })) {
      expect(names.has(externalId)).toBe(false);
      names.set(externalId, Reflect.get(Object(data), "name"));
    }
    return names;
  };
  let sent = 0;
  const send = async (type = "person", secret = "the-secret-of-the-book"): Promise<{ status: number; outcome: unknown }> => {
    const body = JSON.stringify({ id: `event-${(sent += 1)}`, type });
    const signature = createHmac("sha256", secret).update(body).digest("hex");
    const response = await fetch(`${belay.url}/in/book-of-acme-0123`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-signature": signature },
      body,
    });
    return { status: response.status, outcome: Reflect.get(Object(await response.json()), "outcome") };
  };

  test("a webhook brings the change within seconds, although the sync's own period is a day", async () => {
    const before = (await walks()).length;
    put("0100", "New");
    const sentAt = performance.now();
    expect(await send()).toEqual({ status: 202, outcome: "accepted" });
    await vi.waitFor(async () => expect((await namesOf()).get("0100")).toBe("New"), patience);
    const tookMs = performance.now() - sentAt;
    await idle();
    console.log(`from webhook to record: ${tookMs.toFixed(0)} ms`);
    expect(tookMs).toBeLessThan(15_000);
    const [newest, ...others] = await walks();
    expect(newest).toMatchObject({ kind: "incremental", created: 1, deleted: 0 });
    expect(others).toHaveLength(before);
  });

  test("a thousand webhooks in a burst are few walks, and nothing is doubled", async () => {
    const [before, asked] = [await walks(), pages];
    for (let number = 0; number < 50; number += 1) put(`02${String(number).padStart(2, "0")}`, `Burst ${number}`);
    const began = performance.now();
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => send()));
    const tookMs = performance.now() - began;
    expect(new Set(answers.map(({ outcome }) => outcome))).toEqual(new Set(["accepted"]));
    await vi.waitFor(async () => expect((await namesOf()).size).toBe(71), patience);
    await idle();
    const lastedMs = performance.now() - began;
    const made = (await walks()).length - before.length;
    console.log(`1000 webhooks in ${tookMs.toFixed(0)} ms: ${made} walks, ${pages - asked} pages`);
    // One for each two seconds until it was over, one before and one after.
    expect(made).toBeLessThanOrEqual(3 + lastedMs / 2_000);
    const walksOfBurst = (await walks()).slice(0, made);
    expect(walksOfBurst.reduce((sum, { created }) => sum + created, 0)).toBe(50);
    expect(walksOfBurst.reduce((sum, { updated }) => sum + updated, 0)).toBe(0);
  });

  test("hints that come while a walk is open lead to the next no sooner than two seconds after the beginning of that", async () => {
    await idle();
    const before = (await walks()).length;
    let hinted = 0;
    book.onPage = async () => {
      // Of the first three walks, when they are about to end.
      if ((hinted += 1) <= 3) await send();
      return false;
    };
    await send();
    await vi.waitFor(async () => expect(await walks()).toHaveLength(before + 4), patience);
    const starts = (await walks()).slice(0, 4).map(({ startedAt }) => Date.parse(startedAt));
    for (const [index, start] of starts.slice(0, 3).entries()) expect(start - (starts[index + 1] ?? 0)).toBeGreaterThanOrEqual(1_990);
  });

  test("a hint while a walk is open makes one more after it, and so does a wish", async () => {
    for (const hint of [async () => void (await send()), async () => await client.runSync("people", at)]) {
      await idle();
      const before = (await walks()).length;
      const reached = Promise.withResolvers<void>();
      const go = Promise.withResolvers<void>();
      book.onPage = async () => {
        reached.resolve();
        await go.promise;
        return false;
      };
      await send();
      await reached.promise;
      for (let number = 0; number < 5; number += 1) await hint();
      // Longer than it takes until they would be due.
      await vi.waitFor(async () => expect(await client.syncs({ tenant: "acme" })).toMatchObject([{ state: "walking" }]), patience);
      go.resolve();
      await vi.waitFor(async () => expect(await walks()).toHaveLength(before + 2), patience);
      await idle();
      expect(await walks()).toHaveLength(before + 2);
    }
  });

  test("what nobody has signed is no hint, nor is an event of another type", async () => {
    await idle();
    const before = (await walks()).length;
    put("0300", "Unseen");
    expect((await send("person", "somebody else's")).status).toBe(401);
    expect(await send("weather")).toEqual({ status: 202, outcome: "ignored" });
    await client.runSync("people", at);
    await vi.waitFor(async () => expect(await walks()).toHaveLength(before + 1), patience);
    await idle();
    expect(await walks()).toHaveLength(before + 1);
  });
});
