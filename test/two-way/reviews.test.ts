import { createBelayClient } from "@belay/sdk/client";
import { expect, test, vi } from "vitest";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type PeopleSystem, startPeopleSystem } from "./people-system.ts";
import { all, patience, startTwoSystems } from "./two-systems.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const config = new URL("./belay.config.ts", import.meta.url);

/** A side that has two of one address from the beginning: nobody can tell which of them another side's would be. */
const twice = ({ crm }: Readonly<Record<"crm", PeopleSystem>>): void => {
  crm.add({ name: "Ada", email: "ada@example.com" });
  crm.add({ name: "Ada's office", email: "ada@example.com", phone: "1" });
};

test("what is said to be one thing is created once, and does not wait any more", { timeout: 120_000 }, async () => {
  await using systems = await startTwoSystems({}, twice);
  const { crm, book, client, walk, settled } = systems;
  const links = async (): Promise<unknown[]> => await all(client.twoWayLinks({ tenant: "acme", twoWay: "people" }));
  const open = { stands: "waiting", awaits: "b", code: "TWO_WAY_REVIEW_OPEN" };
  // The candidate waits as well: what the record is, it would be too.
  await vi.waitFor(async () => expect(await links()).toMatchObject([open, open]), patience);
  const [review] = await all(client.matchReviews({ tenant: "acme" }));
  expect(book.people.size).toBe(0);
  await client.decideMatchReview({ tenant: "acme", id: review!.id, is: review!.candidates[0]!.id });
  await vi.waitFor(async () => expect(await links()).toMatchObject([{ stands: "equal", code: null }]), patience);
  await walk("crm");
  await walk("book");
  await settled();
  expect([book.people.size, crm.people.size, book.writes.length, crm.writes]).toEqual([1, 2, 1, []]);
});

test("a candidate goes on as well when somebody has said that it is another one", { timeout: 120_000 }, async () => {
  await using systems = await startTwoSystems({}, twice);
  const { crm, book, client, settled } = systems;
  const reviews = async () => await all(client.matchReviews({ tenant: "acme" }));
  await vi.waitFor(async () => expect(await reviews()).toHaveLength(1), patience);
  await client.decideMatchReview({ tenant: "acme", id: (await reviews())[0]!.id, is: null });
  await vi.waitFor(() => expect([...book.people.values()].map(({ name }) => name).toSorted()).toEqual(["Ada", "Ada's office"]), patience);
  await settled();
  expect([book.writes.length, crm.writes]).toEqual([2, []]);
});

test("what somebody has said is another one is not taken for it where a lost create is looked for", { timeout: 120_000 }, async () => {
  const found = new URL("./found.config.ts", import.meta.url);
  await using systems = await startTwoSystems({}, twice, found);
  const { crm, book, client, settled } = systems;
  const reviews = async () => await all(client.matchReviews({ tenant: "acme" }));
  await vi.waitFor(async () => expect(await reviews()).toHaveLength(1), patience);
  const links = async () => await all(client.twoWayLinks({ tenant: "acme", twoWay: "people" }));
  book.onWrite = async ({ body }, response) => {
    const isLost = body.includes("office");
    if (!isLost) return false;
    // Until it is known whose the other one is: looked for at the same moment, it could be either's.
    await vi.waitFor(async () => expect(await links()).toContainEqual(expect.objectContaining({ a: "c00001", b: "b00001" })), patience);
    response.writeHead(503).end();
    return true;
  };
  await client.decideMatchReview({ tenant: "acme", id: (await reviews())[0]!.id, is: null });
  const failed = { a: null, b: null, stands: "failed", code: "TWO_WAY_TAKEN" };
  await vi.waitFor(async () => expect(await links()).toMatchObject([{ a: "c00001", b: "b00001", stands: "equal" }, failed]), patience);
  expect([await all(client.merges({ tenant: "acme" })), crm.writes, book.people.size]).toEqual([[], [], 1]);
  book.onWrite = () => false;
  await client.retryTwoWay({ tenant: "acme", twoWay: "people" });
  await vi.waitFor(() => expect([...book.people.values()].map(({ name }) => name)).toEqual(["Ada", "Ada's office"]), patience);
  await settled();
  expect([await all(client.merges({ tenant: "acme" })), crm.writes]).toEqual([[], []]);
});

test("what somebody takes apart while it is written stays apart", { timeout: 120_000 }, async () => {
  await using systems = await startTwoSystems({}, twice);
  const { crm, book, client, walk, settled } = systems;
  const reviews = async () => await all(client.matchReviews({ tenant: "acme" }));
  await vi.waitFor(async () => expect(await reviews()).toHaveLength(1), patience);
  book.add({ name: "Ada", email: "ada@example.com" });
  await walk("book");
  await vi.waitFor(async () => expect(await reviews()).toHaveLength(2), patience);
  const [first] = await all(client.records({ tenant: "acme", connection: "acme-crm", externalId: "c00001" }));
  for (const { id, connection } of await reviews())
    await client.decideMatchReview({ tenant: "acme", id, is: connection === "acme-book" ? first!.id : null });
  await vi.waitFor(() => expect(book.people.size).toBe(2), patience);
  await settled();
  const [merge] = await all(client.merges({ tenant: "acme" }));
  book.onWritten = async ({ method }) => {
    book.onWritten = () => false;
    expect(method).toBe("PATCH");
    await client.undoMerge({ tenant: "acme", id: merge!.id });
    return false;
  };
  crm.edit("c00001", { phone: "2" });
  await walk("crm");
  await vi.waitFor(() => expect([crm.people.size, book.people.size]).toEqual([3, 3]), patience);
  await settled();
  expect(await all(client.merges({ tenant: "acme" }))).toMatchObject([{ id: merge!.id, undoneBy: "admin" }]);
});

test(
  "a record whose match is under review is created at the other side when somebody has said that it is none of those",
  {
    timeout: 120_000,
  },
  async () => {
    let time = 1_000;
    const clock = (): number => (time += 1);
    await using crm = await startPeopleSystem("c", clock);
    await using book = await startPeopleSystem("b", clock);
    Object.assign(process.env, { CRM_URL: crm.url, BOOK_URL: book.url });
    crm.add({ name: "Ada", email: "ada@example.com" });
    book.add({ name: "Ada", email: "ada@example.com" });
    const database = { kind: "postgres", url: await freshPostgres() } as const;
    const belay = await startBelay({ config, database, masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
    try {
      const client = createBelayClient({ url: belay.url, token: adminToken });
      const links = async (): Promise<unknown[]> => await all(client.twoWayLinks({ tenant: "acme", twoWay: "people" }));
      await vi.waitFor(async () => expect(await links()).toMatchObject([{ stands: "equal" }]), patience);
      // The address is that of somebody whom this side has already.
      const second = book.add({ name: "Ada's office", email: "ada@example.com" });
      await client.runSync("entries", { tenant: "acme", connection: "acme-book" });
      await vi.waitFor(
        async () =>
          expect(await links()).toMatchObject([{ stands: "equal" }, { stands: "waiting", awaits: "a", code: "TWO_WAY_REVIEW_OPEN" }]),
        patience,
      );
      const [review] = await all(client.matchReviews({ tenant: "acme" }));
      expect(review).toMatchObject({ externalId: second, why: "taken" });
      expect([crm.people.size, crm.writes.length, book.writes.length]).toEqual([1, 0, 0]);
      // One that nobody has to decide about is not held up by it.
      book.add({ name: "Alan", email: "alan@example.com" });
      await client.runSync("entries", { tenant: "acme", connection: "acme-book" });
      await vi.waitFor(() => expect([...crm.people.values()].map(({ name }) => name)).toEqual(["Ada", "Alan"]), patience);

      await client.decideMatchReview({ tenant: "acme", id: review!.id, is: null });
      await vi.waitFor(() => expect([...crm.people.values()].map(({ name }) => name)).toEqual(["Ada", "Alan", "Ada's office"]), patience);
      await vi.waitFor(
        async () => expect(await links()).toMatchObject(["equal", "equal", "equal"].map((stands) => ({ stands, code: null }))),
        patience,
      );
      expect([crm.writes.length, book.writes.length]).toEqual([2, 0]);
    } finally {
      await belay.close(1_000);
    }
  },
);
