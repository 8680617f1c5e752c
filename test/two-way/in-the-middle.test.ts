import { once } from "node:events";
import { expect, test, vi } from "vitest";
import type { PeopleSystem } from "./people-system.ts";
import { all, patience, startTwoSystems } from "./two-systems.ts";

const ada = { name: "Ada", email: "ada@example.com" };
const grace = { name: "Grace", email: "grace@example.com" };
const peopleOf = ({ people }: PeopleSystem) => [...people.values()].map(({ name, phone }) => `${name} ${phone}`).toSorted();
const first = ({ people }: PeopleSystem) => [...people.values()][0]!;
const fillBoth = ({ crm, book }: Readonly<Record<"crm" | "book", PeopleSystem>>): void => {
  for (const system of [crm, book]) for (const person of [ada, grace]) system.add(person);
};

test(
  "between other connections it begins anew: nothing is deleted anywhere, and the old one is left alone",
  { timeout: 180_000 },
  async () => {
    await using systems = await startTwoSystems({}, fillBoth);
    const { crm, book, list, belay, client, walk, settled } = systems;
    await settled();
    // A change is on its way to the old one.
    book.onWrite = (_request, response) => {
      response.destroy();
      return true;
    };
    crm.edit(first(crm).id, { phone: "1" });
    await walk("crm");
    await vi.waitFor(() => expect(book.received.some(({ method }) => method === "PATCH")).toBe(true), patience);
    list.add({ ...ada, phone: "7" });
    list.add({ name: "Alan", email: "alan@example.com" });
    await belay.reload(new URL("./moved.config.ts", import.meta.url));
    await vi.waitFor(() => expect(peopleOf(list)).toEqual(peopleOf(crm)), patience);
    await settled();
    expect(peopleOf(crm).map((person) => person.split(" ")[0])).toEqual(["Ada", "Alan", "Grace"]);
    expect([...crm.writes, ...list.writes].filter(({ method }) => method === "DELETE")).toEqual([]);
    expect([peopleOf(book), book.writes]).toEqual([["Ada null", "Grace null"], []]);
    const links = await all(client.twoWayLinks({ tenant: "acme", twoWay: "people" }));
    expect(links.map(({ stands }) => stands)).toEqual(["equal", "equal", "equal"]);
  },
);

test("while a side is paused nothing is lost, and it gets what holds then, once", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems({}, fillBoth);
  const { crm, book, client, walk, settled } = systems;
  await settled();
  await client.pause({ scope: "connection", id: "acme-book", tenant: "acme", why: "It is being moved." });
  for (const phone of ["1", "2", "3"]) {
    crm.edit(first(crm).id, { phone });
    await walk("crm");
  }
  crm.people.delete([...crm.people.keys()][1]!);
  crm.add({ name: "Alan", email: "alan@example.com" });
  await walk("crm");
  expect(book.writes).toEqual([]);
  await client.resume({ scope: "connection", id: "acme-book", tenant: "acme" });
  await vi.waitFor(() => expect(peopleOf(book)).toEqual(["Ada 3", "Alan null"]), patience);
  await settled();
  expect(book.writes.map(({ method }) => method).toSorted()).toEqual(["DELETE", "PATCH", "POST"]);
  expect(crm.writes).toEqual([]);
});

test("with a sync paused what is created waits for a look there, and goes on with it", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems({}, fillBoth);
  const { crm, book, client, walk, settled } = systems;
  await settled();
  const entries = { tenant: "acme", connection: "acme-book" };
  await client.pauseSync("entries", { ...entries, why: "It is being cleaned up." });
  crm.add({ name: "Alan", email: "alan@example.com" });
  crm.edit(first(crm).id, { phone: "1" });
  await walk("crm");
  // Who is known there is written all the same.
  await vi.waitFor(() => expect(peopleOf(book)).toEqual(["Ada 1", "Grace null"]), patience);
  const waiting = async (): Promise<unknown[]> => await all(client.twoWayLinks({ tenant: "acme", twoWay: "people", stands: "waiting" }));
  await vi.waitFor(async () => expect(await waiting()).toMatchObject([{ awaits: "b" }]), patience);
  await client.resumeSync("entries", entries);
  await vi.waitFor(() => expect(peopleOf(book)).toEqual(["Ada 1", "Alan null", "Grace null"]), patience);
  await settled();
});

test("reading everything anew writes nothing", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems({}, fillBoth);
  const { crm, book, walk, settled } = systems;
  await settled();
  await Promise.all([walk("crm", { full: true }), walk("book", { full: true })]);
  await settled();
  expect([crm.writes, book.writes]).toEqual([[], []]);
});

test("other rules hold for what changes from then on", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems({}, fillBoth);
  const { crm, book, belay, walk, settled } = systems;
  await settled();
  await belay.reload(new URL("./strict.config.ts", import.meta.url));
  book.edit(first(book).id, { name: "Ada K." });
  await walk("book");
  await vi.waitFor(() => expect(book.writes).toMatchObject([{ method: "PATCH", fields: { name: "Ada" } }]), patience);
  await settled();
  expect([crm.writes, peopleOf(book)]).toEqual([[], peopleOf(crm)]);
});

test("what comes back by undoing a deletion comes back at the other side, where its own side has it", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems({}, fillBoth);
  const { crm, book, client, walk, settled } = systems;
  await settled();
  // For a while its listing does not show everything, as where somebody has taken a permission away.
  const { id } = first(crm);
  const hidden = crm.people.get(id)!;
  crm.people.delete(id);
  await walk("crm");
  await vi.waitFor(() => expect(peopleOf(book)).toEqual(["Grace null"]), patience);
  await settled();
  crm.people.set(id, hidden);
  const { walk: last } = (await client.syncs({ tenant: "acme" })).find(({ sync }) => sync === "customers")!;
  const undone = await client.undoDeletes("customers", { tenant: "acme", connection: "acme-crm", walk: last!.id });
  expect(undone).toMatchObject({ restored: 1 });
  await vi.waitFor(() => expect(peopleOf(book)).toEqual(["Ada null", "Grace null"]), patience);
  await settled();
  await client.resumeSync("customers", { tenant: "acme", connection: "acme-crm" });
  await walk("crm");
  await walk("book");
  await settled();
  expect([peopleOf(crm), peopleOf(book), crm.writes]).toEqual([["Ada null", "Grace null"], ["Ada null", "Grace null"], []]);
});

test("a side that answers when nobody waits any more is written to once", { timeout: 180_000 }, async () => {
  await using systems = await startTwoSystems({}, fillBoth);
  const { crm, book, walk, settled } = systems;
  await settled();
  const late = new Set<string>();
  book.onWritten = async ({ method }, response) => {
    if (late.has(method)) return false;
    late.add(method);
    await once(response, "close");
    return true;
  };
  crm.edit(first(crm).id, { phone: "1" });
  crm.add({ name: "Alan", email: "alan@example.com" });
  await walk("crm");
  await vi.waitFor(() => expect(peopleOf(book)).toEqual(["Ada 1", "Alan null", "Grace null"]), patience);
  await settled();
  await walk("book");
  await settled();
  expect([...late].toSorted()).toEqual(["PATCH", "POST"]);
  expect(book.writes.filter(({ method }) => method === "POST")).toHaveLength(1);
  expect([peopleOf(book), crm.writes]).toEqual([peopleOf(crm), []]);
});
