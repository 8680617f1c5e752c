import { createBelayClient } from "@belay/sdk/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type PeopleSystem, startPeopleSystem } from "./people-system.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const config = new URL("./belay.config.ts", import.meta.url);
const patience = { timeout: 100_000, interval: 50 };

let crm: PeopleSystem;
let book: PeopleSystem;
let url: string;

beforeEach(async () => {
  let time = 1_000;
  const clock = (): number => (time += 1);
  crm = await startPeopleSystem("c", clock);
  book = await startPeopleSystem("b", clock);
  Object.assign(process.env, { CRM_URL: crm.url, BOOK_URL: book.url });
  url = await freshPostgres();
});
afterEach(async () => {
  delete process.env["TWO_WAY_OWN"];
  await crm[Symbol.asyncDispose]();
  await book[Symbol.asyncDispose]();
});

const start = (): ReturnType<typeof startBelay> =>
  startBelay({ config, database: { kind: "postgres", url }, masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
const names = ({ people }: PeopleSystem): string[] => [...people.values()].map(({ name, phone }) => `${name} ${phone}`).toSorted();
const same = async (): Promise<void> => await vi.waitFor(() => expect(names(book)).toEqual(names(crm)), patience);
const read = async (belay: Awaited<ReturnType<typeof startBelay>>): Promise<void> => {
  const client = createBelayClient({ url: belay.url, token: adminToken });
  for (const [sync, connection] of [
    ["customers", "acme-crm"],
    ["entries", "acme-book"],
  ] as const)
    await vi.waitFor(() => client.runSync(sync, { tenant: "acme", connection }), patience);
};

/** Ends the process between a write at the provider and its answer: nobody has written down that it was done. */
async function endAtWrite(systems: readonly PeopleSystem[], method: string, count: number, trigger: () => void): Promise<void> {
  const belay = await start();
  const written = Promise.withResolvers<void>();
  let done = 0;
  for (const system of systems)
    system.onWritten = (request) => {
      if (request.method !== method) return false;
      done += 1;
      if (done === count) written.resolve();
      // It is never answered.
      return true;
    };
  trigger();
  await read(belay);
  await written.promise;
  await belay.close(0);
  for (const system of systems) system.onWritten = () => false;
}

test(
  "a process that ends between a create and its record doubles nothing, whether or not the provider knows keys",
  { timeout: 180_000 },
  async () => {
    await endAtWrite([crm, book], "POST", 2, () => {
      crm.add({ name: "Ada", email: "ada@example.com" });
      book.add({ name: "Alan", email: "alan@example.com" });
    });
    await using belay = await start();
    await same();
    await read(belay);
    await vi.waitFor(() => expect([...crm.people.values()].filter(({ updated }) => updated > 0)).toHaveLength(2), patience);
    expect(names(crm)).toEqual(["Ada null", "Alan null"]);
    expect(names(book)).toEqual(["Ada null", "Alan null"]);
  },
);

test("a process that ends between a change and its record changes nothing twice, and loses nothing", { timeout: 180_000 }, async () => {
  const inCrm = crm.add({ name: "Ada", email: "ada@example.com" });
  const inBook = book.add({ name: "Ada", email: "ada@example.com" });
  await endAtWrite([book], "PATCH", 1, () => {
    crm.edit(inCrm, { phone: "1" });
  });
  crm.edit(inCrm, { name: "Ada Lovelace" });
  await using belay = await start();
  await read(belay);
  await same();
  expect(book.people.get(inBook)).toMatchObject({ name: "Ada Lovelace", phone: "1" });
  expect(crm.writes).toEqual([]);
});

test("where one side owns the record, the other follows it, and is never asked", { timeout: 180_000 }, async () => {
  process.env["TWO_WAY_OWN"] = "a";
  const inCrm = crm.add({ name: "Ada", email: "ada@example.com" });
  crm.add({ name: "Grace", email: "grace@example.com" });
  const inBook = book.add({ name: "Ada L.", email: "ada@example.com", phone: "1" });
  const stranger = book.add({ name: "Alan", email: "alan@example.com" });
  await using belay = await start();
  await vi.waitFor(() => expect(names(book)).toEqual(["Ada null", "Alan null", "Grace null"]), patience);
  book.edit(inBook, { name: "Ada K." });
  crm.edit(inCrm, { phone: "2" });
  await read(belay);
  await vi.waitFor(() => expect(book.people.get(inBook)).toMatchObject({ name: "Ada", phone: "2" }), patience);
  crm.people.delete(inCrm);
  await read(belay);
  await vi.waitFor(() => expect(book.people.has(inBook)).toBe(false), patience);
  expect(crm.writes).toEqual([]);
  expect(book.people.has(stranger)).toBe(true);
});
