import { expect, test, vi } from "vitest";
import type { PeopleSystem } from "./people-system.ts";
import { patience, startTwoSystems, type TwoSystems } from "./two-systems.ts";

const peopleOf = ({ people }: PeopleSystem) => [...people.values()].map(({ name, email, phone }) => `${name} ${email} ${phone}`).toSorted();
const first = ({ people }: PeopleSystem) => [...people.values()][0]!;

/** All three have the same, and reading them once more changes nothing. @returns how many writes each got until then. */
async function settle({ crm, book, list, walk, settled }: TwoSystems): Promise<readonly number[]> {
  const counts = (): readonly number[] => [crm, book, list].map(({ writes }) => writes.length);
  for (;;) {
    await vi.waitFor(() => expect([peopleOf(book), peopleOf(list)]).toEqual([peopleOf(crm), peopleOf(crm)]), patience);
    await settled();
    const before = counts();
    for (const side of ["crm", "book", "list"] as const) await walk(side);
    await settled();
    if (counts().join() === before.join()) return before;
  }
}

test("what one system has in two two-way syncs goes through it to the third, and the writes stop", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems(
    {},
    ({ crm, book, list }) => {
      for (const system of [crm, book, list]) system.add({ name: "Ada", email: "ada@example.com" });
      book.add({ name: "Grace", email: "grace@example.com" });
    },
    new URL("./three-systems.config.ts", import.meta.url),
  );
  const { crm, book, list, walk } = systems;
  const writes = await settle(systems);
  expect([peopleOf(crm), writes]).toEqual([
    ["Ada ada@example.com null", "Grace grace@example.com null"],
    [1, 0, 1],
  ]);

  book.edit(first(book).id, { phone: "1" });
  await walk("book");
  expect(await settle(systems)).toEqual([2, 0, 2]);
  expect(first(list)).toMatchObject({ name: "Ada", phone: "1" });

  // Both outer ones change the same at once: one of the two holds everywhere. What was carried over counts as changed when it was: so it need not be the later one.
  book.edit(first(book).id, { name: "Ada K." });
  list.edit(first(list).id, { name: "Ada L." });
  await Promise.all([walk("book"), walk("list")]);
  await settle(systems);
  expect(peopleOf(crm)[0]).toMatch(/^Ada [KL]\. ada@example.com 1$/);

  list.people.delete(first(list).id);
  await walk("list");
  await settle(systems);
  expect(peopleOf(crm)).toEqual(["Grace grace@example.com null"]);

  // Made at both outer ones at once: one person in each.
  book.add({ name: "Edsger", email: "edsger@example.com", phone: "2" });
  list.add({ name: "Edsger", email: "edsger@example.com" });
  await Promise.all([walk("book"), walk("list")]);
  await settle(systems);
  expect(peopleOf(crm)).toEqual(["Edsger edsger@example.com 2", "Grace grace@example.com null"]);
});
