import { type BelayClient, createBelayClient } from "@belay/sdk/client";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { json } from "../../packages/sdk/src/http/__fixtures__/local-provider.ts";
import { createLogger, startBelay } from "../../packages/server/src/main.ts";
import { freshPostgres } from "../setup/database.ts";
import { testMasterKey } from "../setup/vault.ts";
import { type PeopleSystem, type Person, startPeopleSystem } from "./people-system.ts";

const adminToken = "the-token-of-the-tests-0123456789";
const config = new URL("./belay.config.ts", import.meta.url);
const patience = { timeout: 100_000, interval: 50 };

describe.each([
  { name: "PostgreSQL", open: async () => ({ kind: "postgres", url: await freshPostgres() }) as const },
  { name: "PGlite", open: async () => ({ kind: "pglite" }) as const },
])("two-way syncs on $name", { timeout: 120_000 }, ({ open }) => {
  let crm: PeopleSystem;
  let book: PeopleSystem;
  let belay: Awaited<ReturnType<typeof startBelay>>;
  let client: BelayClient;
  let database: Awaited<ReturnType<typeof open>>;

  const start = async (): Promise<void> => {
    belay = await startBelay({ config, database, masterKey: testMasterKey, adminToken, logger: createLogger("silent") });
    client = createBelayClient({ url: belay.url, token: adminToken });
  };
  beforeAll(async () => {
    let time = 1_000;
    const clock = (): number => (time += 1);
    crm = await startPeopleSystem("c", clock);
    book = await startPeopleSystem("b", clock);
    Object.assign(process.env, { CRM_URL: crm.url, BOOK_URL: book.url });
    database = await open();
    await start();
  });
  afterAll(async () => {
    await belay.close(1_000);
    await crm[Symbol.asyncDispose]();
    await book[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    for (const system of [crm, book]) {
      system.onWrite = system.onWritten = () => false;
      system.onRead = () => {};
      system.renderName = (name) => name;
      system.writes.length = 0;
    }
  });

  const peopleOf = ({ people }: PeopleSystem) =>
    [...people.values()].map(({ name, email, phone }) => `${name} ${email} ${phone}`).toSorted();
  const named = ({ people }: PeopleSystem, email: string): readonly Person[] => [...people.values()].filter((one) => one.email === email);
  const one = (system: PeopleSystem, email: string): Person => {
    const [person, ...others] = named(system, email);
    expect([email, others.length]).toEqual([email, 0]);
    return person!;
  };
  const reads = [
    ["customers", "acme-crm"],
    ["entries", "acme-book"],
  ] as const;
  /** Lets sides be read once more, to the end. */
  const walk = async (which: readonly (readonly [string, string])[] = reads): Promise<void> => {
    const before = new Map((await client.syncs({ tenant: "acme" })).map(({ sync, walk: last }) => [sync, last?.id ?? 0]));
    for (const [sync, connection] of which) await vi.waitFor(() => client.runSync(sync, { tenant: "acme", connection }), patience);
    await vi.waitFor(async () => {
      for (const { sync, state, walk: last } of await client.syncs({ tenant: "acme" })) {
        if (!which.some(([name]) => name === sync)) continue;
        expect(state).toBe("idle");
        expect(last?.id ?? 0).toBeGreaterThan(before.get(sync) ?? 0);
      }
    }, patience);
  };
  const same = async (): Promise<void> => await vi.waitFor(() => expect(peopleOf(book)).toEqual(peopleOf(crm)), patience);
  /** Both have the same, and reading both again changes nothing. @returns how many writes there were since the test began. */
  const settled = async (): Promise<readonly number[]> => {
    await same();
    for (;;) {
      const before = [crm.writes.length, book.writes.length];
      await walk();
      await same();
      if (before.join() === [crm.writes.length, book.writes.length].join()) return before;
    }
  };

  test("what either side has is created at the other, and what both have is linked and not doubled", async () => {
    crm.add({ name: "Ada", email: "ada@example.com" });
    crm.add({ name: "Grace", email: "grace@example.com" });
    book.add({ name: "Ada", email: "ada@example.com", phone: "1" });
    book.add({ name: "Alan", email: "alan@example.com" });
    await walk();
    expect(await settled()).toEqual([2, 1]);
    expect(peopleOf(crm)).toEqual(["Ada ada@example.com 1", "Alan alan@example.com null", "Grace grace@example.com null"]);
  });

  test("a change costs one write at the other side, and none of its own comes back", async () => {
    crm.edit(one(crm, "ada@example.com").id, { name: "Ada Lovelace" });
    book.edit(one(book, "alan@example.com").id, { phone: "2" });
    await walk();
    expect(await settled()).toEqual([1, 1]);
    expect(book.writes).toMatchObject([{ method: "PATCH", fields: { name: "Ada Lovelace" } }]);
    expect(crm.writes).toMatchObject([{ method: "PATCH", fields: { phone: "2" } }]);
  });

  test("of two changes of one field the later one holds, and different fields are merged", async () => {
    crm.edit(one(crm, "grace@example.com").id, { name: "Grace H.", phone: "3" });
    book.edit(one(book, "grace@example.com").id, { name: "Grace Hopper" });
    await walk();
    expect(await settled()).toEqual([1, 1]);
    expect(one(crm, "grace@example.com")).toMatchObject({ name: "Grace Hopper", phone: "3" });
  });

  test("what somebody has changed since the last walk is merged and not written over", async () => {
    crm.edit(one(crm, "ada@example.com").id, { phone: "0" });
    let edited = false;
    const { id } = one(book, "ada@example.com");
    // Nobody has read this yet when the other side's change is written.
    book.onRead = () => {
      if (!edited) book.edit(id, { phone: "00" });
      edited = true;
    };
    await client.runSync("customers", { tenant: "acme", connection: "acme-crm" });
    await vi.waitFor(() => expect(one(crm, "ada@example.com").phone).toBe("00"), patience);
    expect(await settled()).toEqual([1, 0]);
  });

  test("the same person made at both sides at once is one", async () => {
    crm.add({ name: "Edsger", email: "edsger@example.com" });
    book.add({ name: "Edsger", email: "EDSGER@example.com", phone: "4" });
    await walk();
    await settled();
    expect(crm.people.size).toBe(4);
    expect(book.writes.concat(crm.writes).filter(({ method }) => method === "POST")).toEqual([]);
  });

  test("a side that writes values its own way is not corrected again and again", async () => {
    book.renderName = (name) => name.trim().toUpperCase();
    const { id } = one(crm, "ada@example.com");
    crm.edit(id, { name: "  Ada, Countess " });
    await walk();
    await vi.waitFor(() => expect(one(book, "ada@example.com").name).toBe("ADA, COUNTESS"), patience);
    await walk();
    await walk();
    expect([crm.writes.length, book.writes.length]).toEqual([0, 1]);
    expect(crm.people.get(id)?.name).toBe("  Ada, Countess ");
    // A change of it is one all the same.
    book.edit(one(book, "ada@example.com").id, { name: "Ada" });
    await walk();
    await same();
  });

  test("what is deleted at one side is deleted at the other, unless that has changed it since", async () => {
    crm.people.delete(one(crm, "alan@example.com").id);
    book.people.delete(one(book, "EDSGER@example.com").id);
    await walk();
    expect(await settled()).toEqual([1, 1]);
    expect(peopleOf(book).filter((person) => /alan|edsger/i.test(person))).toEqual([]);
    crm.edit(one(crm, "grace@example.com").id, { phone: "5" });
    book.people.delete(one(book, "grace@example.com").id);
    await walk();
    await settled();
    expect(one(book, "grace@example.com")).toMatchObject({ phone: "5" });
  });

  test("a record that turns out to be gone when it is written is deleted at the other side, or made anew for what has changed", async () => {
    const { id } = one(crm, "grace@example.com");
    crm.edit(id, { name: "Grace M. Hopper" });
    // It goes between the walk and the write.
    book.onWrite = ({ method }) => {
      if (method === "PATCH") book.people.delete(one(book, "grace@example.com").id);
      return false;
    };
    await walk();
    await vi.waitFor(() => expect(named(book, "grace@example.com")[0]).toMatchObject({ name: "Grace M. Hopper" }), patience);
    await settled();
    expect(book.writes.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("a record that the provider says is another one by now is read again, and merged with what it is", async () => {
    const { id } = one(book, "ada@example.com");
    crm.edit(one(crm, "ada@example.com").id, { phone: "6" });
    let refused = 0;
    book.onWrite = ({ method }, response) => {
      if (method !== "PATCH" || refused > 0) return false;
      refused += 1;
      book.edit(id, { name: "Ada K." });
      json(response, 409, { error: "it has changed" });
      return true;
    };
    await walk();
    await settled();
    expect([refused, one(crm, "ada@example.com")]).toMatchObject([1, { name: "Ada K.", phone: "6" }]);
  });

  test("a create whose answer is lost is not done again: it is looked for first", async () => {
    const lose = (system: PeopleSystem): void => {
      let lost = 0;
      system.onWritten = ({ method }, response) => {
        if (method !== "POST" || (lost += 1) > 1) return false;
        response.destroy();
        return true;
      };
    };
    lose(crm);
    lose(book);
    crm.add({ name: "Barbara", email: "barbara@example.com" });
    book.add({ name: "Tony", email: "tony@example.com" });
    // Nothing that it could be recognised by.
    crm.add({ name: "Nobody" });
    await walk();
    await settled();
    for (const system of [crm, book]) {
      one(system, "barbara@example.com");
      one(system, "tony@example.com");
      expect([...system.people.values()].filter(({ name }) => name === "Nobody")).toHaveLength(1);
    }
  });

  test("who is deleted and made anew with the same address is the one that was there: nobody is asked, and what the new one does not know stays", async () => {
    const { id } = one(crm, "ada@example.com");
    const atBook = one(book, "ada@example.com");
    crm.people.delete(id);
    crm.add({ name: "Ada anew", email: "ada@example.com" });
    await walk();
    await settled();
    expect(one(book, "ada@example.com")).toMatchObject({ id: atBook.id, name: "Ada anew", phone: atBook.phone });
    expect([...crm.writes, ...book.writes].map(({ method }) => method)).toEqual(["PATCH", "PATCH"]);
    for await (const review of client.matchReviews({ tenant: "acme" })) expect(review).toBeUndefined();
  });

  test("who is deleted while both are merged for the first time goes from the other side too, and does not come back", async () => {
    const email = "short@example.com";
    crm.add({ name: "Short", email, phone: "7" });
    book.add({ name: "Short", email });
    book.onWrite = () => {
      for (const { id } of named(book, email)) book.people.delete(id);
      return false;
    };
    await walk();
    await vi.waitFor(() => expect(named(crm, email)).toEqual([]), patience);
    await settled();
    expect(named(book, email)).toEqual([]);
  });

  test("whatever happens at both sides, they come to have the same, and the writes stop", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(9), fc.nat(4)), { minLength: 10, maxLength: 40 }), async (steps) => {
        for (const [index, [inCrm, what, which]] of steps.entries()) {
          const system = inCrm ? crm : book;
          const known = [...system.people.keys()];
          const id = known[(which * 7 + index) % Math.max(1, known.length)];
          // Made at both sides at once, but not twice at one: of two with one address there somebody is asked, and the second stays where it is.
          const email = `new${which}.${Math.floor(index / 4)}@example.com`;
          if (what < 3 || id === undefined) {
            if (named(system, email).length === 0) system.add({ name: `New ${index}`, email });
          } else if (what < 8) system.edit(id, { [what % 2 === 0 ? "name" : "phone"]: `${what} ${index} ${String(inCrm)}` });
          else system.people.delete(id);
          // Some are read in the middle of it.
          if (index % 11 === 10)
            await client.runSync(inCrm ? "customers" : "entries", { tenant: "acme", connection: inCrm ? "acme-crm" : "acme-book" });
        }
        await walk();
        await settled();
      }),
      { numRuns: 3, seed: 7, endOnFailure: true },
    );
  });
});
