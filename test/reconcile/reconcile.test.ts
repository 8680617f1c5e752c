import { type ApiDiscrepancy, type ApiReconciliation, createBelayClient, type BelayClient } from "@belay/sdk/client";
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type AddressBook, startAddressBook } from "../syncs/address-book.ts";
import { fingerprintOf, plant, type Planted } from "./plant.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const at = { tenant: "acme", connection: "acme-book" };
const patience = { timeout: 60_000, interval: 50 };
const people = 400;

let book: AddressBook;
let belay: Awaited<ReturnType<typeof startBelay>>;
let client: BelayClient;
let url: string;

beforeAll(async () => {
  book = await startAddressBook(50);
  process.env["BOOK_URL"] = book.url;
  for (let number = 0; number < people; number += 1) book.put(nameOf(number), `Person ${number}`);
  url = await freshPostgres();
  belay = await startBelay({
    config: new URL("./belay.config.ts", import.meta.url),
    database: { kind: "postgres", url },
    masterKey: testMasterKey,
    adminToken,
    logger: createLogger("silent"),
  });
  client = createBelayClient({ url: belay.url, token: adminToken });
  await vi.waitFor(async () => expect(await client.syncs()).toMatchObject([{ state: "idle", records: people }]), patience);
});
afterAll(async () => {
  await belay.close(1_000);
  await book[Symbol.asyncDispose]();
});

function nameOf(number: number): string {
  return String(number).padStart(4, "0");
}

async function query(text: string, values: unknown[] = []): Promise<void> {
  const direct = new pg.Client({ connectionString: url });
  await direct.connect();
  await direct.query(text, values);
  await direct.end();
}

/** Compares, and waits for what it says. */
async function compare(): Promise<ApiReconciliation> {
  const { id } = await client.reconcile("people", at);
  return await vi.waitFor(async () => {
    const [newest] = (await client.reconciliations("people", at)).items;
    expect(newest).toMatchObject({ id, endedAt: expect.any(String) });
    return newest!;
  }, patience);
}

async function walk(): Promise<void> {
  const [before] = await client.walks("people", at);
  await client.runSync("people", at);
  await vi.waitFor(async () => {
    const [walked] = await client.walks("people", at);
    expect(walked!.id).toBeGreaterThan(before!.id);
    expect(walked!.state).toBe("complete");
  }, patience);
}

async function discrepancies(id: number): Promise<ApiDiscrepancy[]> {
  const found: ApiDiscrepancy[] = [];
  for await (const one of client.discrepancies("people", { ...at, id })) found.push(one);
  return found;
}

function classesOf(found: readonly ApiDiscrepancy[]): Planted {
  return new Map(found.map(({ externalId, class: of }) => [externalId, of]));
}

const sorted = (planted: Planted) => [...planted].toSorted(([a], [b]) => (a < b ? -1 : 1));

test("two sides that are equal are proven to be, by checksums alone but for the sample", async () => {
  const before = await fingerprintOf(url);
  const done = await compare();
  expect(done).toMatchObject({
    state: "equal",
    proven: true,
    compared: people,
    kept: people,
    sampled: people,
  });
  // A window is a page, or several that were read while others were compared.
  expect(done.windows).toBeGreaterThan(0);
  expect(done.windows).toBeLessThanOrEqual(8);
  expect(done.windowsEqual).toBe(done.windows);
  expect((await client.reconciliations("people", at)).provenEqualAt).toBe(done.beganAt);
  expect(await fingerprintOf(url)).toBe(before);
});

test("what was spoilt behind everybody's back is found, named by its class, left alone by the dry run, and repaired once", async () => {
  const planted = await plant(
    url,
    Array.from({ length: 70 }, (_, index) => nameOf(index * 5)),
  );
  // The provider has gone on, and no sync has run since; and it has lost two.
  for (const id of ["0351", "0352"]) {
    book.put(id, "Renamed");
    planted.set(id, "stale");
  }
  for (const id of ["0361", "0362"]) {
    book.people.delete(id);
    planted.set(id, "extra");
  }
  const before = await fingerprintOf(url);
  const plan = await compare();
  expect(plan).toMatchObject({ state: "planned", proven: true });
  expect(sorted(classesOf(await discrepancies(plan.id)))).toEqual(sorted(planted));
  expect(await fingerprintOf(url)).toBe(before);
  // In small parts, as someone who is careful does; the last call finds nothing left.
  const order = { ...at, id: plan.id };
  expect(await client.applyReconciliation("people", { ...order, most: 7 })).toMatchObject({ applied: 7, left: planted.size - 7 });
  expect(await client.applyReconciliation("people", { ...order, most: 1_000 })).toMatchObject({
    applied: planted.size - 7,
    skipped: 0,
    held: 0,
    left: 0,
  });
  await expect(client.applyReconciliation("people", { ...order, most: 1 })).rejects.toMatchObject({ code: "RECONCILE_PLAN_GONE" });
  expect(await compare()).toMatchObject({ state: "equal" });
  const kept: string[] = [];
  for await (const { externalId } of client.records({ tenant: "acme" })) kept.push(externalId);
  expect(kept.toSorted()).toEqual([...book.people.keys()].toSorted());
});

test("contents that are not what their hash says are found by the sample, with the fields that differ", async () => {
  book.put("0003", "Renamed once");
  await walk();
  // The contents of the version before in the place of the newest: they open, for they are of the same record.
  await query(`
    update belay.change c set contents = o.contents from belay.record r, belay.change o
    where r.external_id = '0003' and c.tenant = r.tenant and c.position = r.position and o.tenant = c.tenant and o.position = c.previous
  `);
  const plan = await compare();
  expect(plan.windowsEqual).toBe(plan.windows);
  expect(await discrepancies(plan.id)).toMatchObject([
    { externalId: "0003", class: "differing", why: "contents-differ", fields: ["name"], data: { name: "Renamed once" } },
  ]);
  expect(await client.applyReconciliation("people", { ...at, id: plan.id, most: 10 })).toMatchObject({ applied: 1, left: 0 });
  expect(await compare()).toMatchObject({ state: "equal" });
});

test("what has changed since it was compared is left alone, and said", async () => {
  book.put("0010", "Newer than what is kept");
  book.put("0011", "Newer as well");
  const plan = await compare();
  expect(plan.found).toMatchObject({ stale: 2 });
  book.put("0010", "Newest");
  await walk();
  expect(await client.applyReconciliation("people", { ...at, id: plan.id, most: 10 })).toEqual({
    applied: 0,
    skipped: 2,
    held: 0,
    left: 0,
    waits: false,
  });
  expect(await discrepancies(plan.id)).toMatchObject([
    { state: "skipped", whySkipped: "changed-since" },
    { state: "skipped", whySkipped: "changed-since" },
  ]);
  expect(await compare()).toMatchObject({ state: "equal" });
});

test("of a paused sync no comparison is taken on that would wait in vain, and nothing is told of one that there is not", async () => {
  const { id } = await compare();
  await client.pauseSync("people", { ...at, why: "their incident" });
  await expect(client.reconcile("people", at)).rejects.toMatchObject({ code: "SYNC_PAUSED" });
  await client.resumeSync("people", at);
  expect((await client.reconciliations("people", at)).items[0]).toMatchObject({ id, state: "equal" });
  await expect(discrepancies(id + 1_000)).rejects.toMatchObject({ code: "API_NOT_FOUND" });
});

test("more deletes than the sync's policy lets go wait for an approval, and none is done when a walk may have seen the record since", async () => {
  const gone = Array.from({ length: 60 }, (_, index) => nameOf(100 + index));
  const kept = new Map(gone.map((id) => [id, book.people.get(id)!]));
  for (const id of gone) book.people.delete(id);
  const plan = await compare();
  expect(plan.found).toMatchObject({ extra: 60 });
  const order = { ...at, id: plan.id, most: 1_000 };
  expect(await client.applyReconciliation("people", order)).toEqual({ applied: 0, skipped: 0, held: 60, left: 60, waits: false });
  // The provider had lost sight of them for a while. A walk has met them again, unchanged: nothing shows it but that there was a walk.
  for (const [id, person] of kept) book.people.set(id, person);
  await walk();
  expect(await client.applyReconciliation("people", { ...order, approveDeletes: true })).toMatchObject({
    applied: 0,
    skipped: 60,
    left: 0,
  });
  expect(await compare()).toMatchObject({ state: "equal" });
  for (const id of gone) book.people.delete(id);
  // The sync itself asks about them by now.
  await walk();
  expect(await client.syncs()).toMatchObject([{ deletesHeld: 60 }]);
  const again = await compare();
  expect(await client.applyReconciliation("people", { ...order, id: again.id, approveDeletes: true })).toMatchObject({
    applied: 60,
    left: 0,
  });
  // Nobody is asked about them any more, and the walk by which they can be brought back says so.
  expect(await client.syncs()).toMatchObject([{ deletesHeld: 0 }]);
  expect((await client.walks("people", at))[0]).toMatchObject({ kind: "reconcile", deleted: 60 });
  expect(await compare()).toMatchObject({ state: "equal", compared: people - 62 });
});

test("what somebody has merged is linked rightly, however the two have changed since", async () => {
  const ids: string[] = [];
  for (const externalId of ["0020", "0021"]) for await (const { id } of client.records({ tenant: "acme", externalId })) ids.push(id);
  const [survivor, merged] = ids;
  const answer = await fetch(new URL("/v1/identity/merges", belay.url), {
    method: "POST",
    headers: { authorization: `Bearer ${adminToken}`, "content-type": "application/json" },
    body: JSON.stringify({ tenant: "acme", survivor, merged, why: "for the test" }),
  });
  expect(answer.status).toBe(200);
  for (const id of ["0020", "0021"]) book.put(id, "Changed after the merge");
  await walk();
  expect(await compare()).toMatchObject({ state: "equal", found: { "wrongly-linked": 0 } });
});

test("a listing that breaks off proves nothing, and nothing is extra", async () => {
  let broken = true;
  book.onPage = (response, after) => {
    if (!broken || after === "") return false;
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ people: [], more: true }));
    return true;
  };
  const done = await compare();
  broken = false;
  expect(done).toMatchObject({ proven: false, found: { extra: 0 } });
  expect(["unproven", "failed"]).toContain(done.state);
});

test("what is asked for twice is one comparison", async () => {
  const [one, other] = await Promise.all([client.reconcile("people", at), client.reconcile("people", at)]);
  expect(other.id).toBe(one.id);
  await expect(client.reconcile("people", { ...at, connection: "nobody" })).rejects.toMatchObject({ code: "API_NOT_FOUND" });
});
