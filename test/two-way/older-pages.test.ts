import { expect, test, vi } from "vitest";
import type { PeopleSystem } from "./people-system.ts";
import { all, patience, startTwoSystems, type TwoSystems } from "./two-systems.ts";

const ada = { name: "Ada", email: "ada@example.com" };

/** Of a walk through the book the answer is on its way for as long as something else happens. */
async function whileListing({ book, walk }: TwoSystems, happens: () => Promise<void>): Promise<void> {
  const [listed, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  book.onListed = async () => {
    listed.resolve();
    await goOn.promise;
  };
  const walking = walk("book", { full: true });
  await listed.promise;
  book.onListed = () => {};
  await happens();
  goOn.resolve();
  await walking;
}

const first = ({ people }: PeopleSystem) => [...people.values()][0];

test.each(["none", "coarse"])(
  "what was written while a page was on its way is not undone by that page (versions: %s)",
  { timeout: 120_000 },
  async (versions) => {
    await using systems = await startTwoSystems({ TWO_WAY_VERSIONS: versions }, ({ crm, book }) => {
      crm.add(ada);
      book.add(ada);
    });
    const { crm, book, client, walk, settled } = systems;
    await settled();
    await whileListing(systems, async () => {
      crm.edit(first(crm)!.id, { phone: "1" });
      await walk("crm");
      await vi.waitFor(() => expect(first(book)).toMatchObject({ phone: "1" }), patience);
      await settled();
    });
    await settled();
    expect([first(crm), first(book)]).toMatchObject([{ phone: "1" }, { phone: "1" }]);
    expect([crm.writes, book.writes]).toMatchObject([[], [{ fields: { phone: "1" } }]]);
    const kept = await all(client.records({ tenant: "acme", connection: "acme-book" }));
    expect(kept).toMatchObject([{ data: { phone: "1" } }]);
    // It was not left out for good: what is changed there is told.
    book.edit(first(book)!.id, { phone: null });
    await walk("book");
    await vi.waitFor(() => expect(first(crm)).toMatchObject({ phone: null }), patience);
    await settled();
  },
);

test("what somebody has changed there since is not taken for the older page", { timeout: 120_000 }, async () => {
  await using systems = await startTwoSystems({ TWO_WAY_VERSIONS: "none" }, ({ crm, book }) => {
    crm.add(ada);
    book.add(ada);
  });
  const { crm, book, walk, settled } = systems;
  await settled();
  await whileListing(systems, async () => {
    crm.edit(first(crm)!.id, { phone: "1" });
    await walk("crm");
    await vi.waitFor(() => expect(first(book)).toMatchObject({ phone: "1" }), patience);
    await settled();
    book.edit(first(book)!.id, { name: "Ada King" });
  });
  await settled();
  await vi.waitFor(
    () =>
      expect([first(crm), first(book)]).toMatchObject([
        { name: "Ada King", phone: "1" },
        { name: "Ada King", phone: "1" },
      ]),
    patience,
  );
});

test.each(["none", "times"])(
  "what was deleted while a page was on its way does not come back by that page (versions: %s)",
  { timeout: 120_000 },
  async (versions) => {
    await using systems = await startTwoSystems({ TWO_WAY_VERSIONS: versions }, ({ crm, book }) => {
      crm.add(ada);
      book.add(ada);
      crm.add({ name: "Grace", email: "grace@example.com" });
      book.add({ name: "Grace", email: "grace@example.com" });
    });
    const { crm, book, walk, settled } = systems;
    await settled();
    await whileListing(systems, async () => {
      crm.people.delete(first(crm)!.id);
      await walk("crm");
      await vi.waitFor(() => expect(book.people.size).toBe(1), patience);
      await settled();
    });
    await settled();
    expect([...crm.people.values(), ...book.people.values()].map(({ name }) => name)).toEqual(["Grace", "Grace"]);
    expect([crm.writes, book.writes]).toMatchObject([[], [{ method: "DELETE" }]]);
  },
);
