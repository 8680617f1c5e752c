import { expect, test, vi } from "vitest";
import { all, patience, startTwoSystems, type TwoSystems } from "./two-systems.ts";

const config = new URL("./shared-side.config.ts", import.meta.url);

/** At which side the one person is still looked for, by each of the two syncs. */
async function awaited({ client }: TwoSystems): Promise<unknown[]> {
  const links = await Promise.all(["people", "club"].map((twoWay) => all(client.twoWayLinks({ tenant: "acme", twoWay }))));
  return links.flat().map(({ awaits }) => awaits);
}

/**
 * Somebody is at both outer sides, and one of the two syncs creates them at the shared one and never hears of it. The other has looked there before, and found nobody.
 *
 * @param isAnswered Called when that is so; false: the connection is closed without an answer.
 */
async function createUnheard(isAnswered: () => boolean): Promise<TwoSystems> {
  const bothWait = Promise.withResolvers<void>();
  const created = Promise.withResolvers<void>();
  const systems = await startTwoSystems(
    {},
    ({ crm, list, book }) => {
      for (const system of [crm, list]) system.add({ name: "Ada", email: "ada@example.com" });
      // No walk that counts begins before both wait for one: so the same lets both go on.
      book.onListed = () => bothWait.promise;
    },
    config,
  );
  const { book } = systems;
  let creates = 0;
  book.onWritten = async ({ method }, response) => {
    if (method !== "POST" || (creates += 1) > 1) return false;
    await vi.waitFor(async () => expect(await awaited(systems)).toEqual([null, null]), patience);
    created.resolve();
    if (!isAnswered()) response.destroy();
    return true;
  };
  await vi.waitFor(async () => expect(await awaited(systems)).toEqual(["b", "b"]), patience);
  bothWait.resolve();
  await created.promise;
  return systems;
}

async function expectOne({ book, settled, walk }: TwoSystems): Promise<void> {
  await settled();
  await walk("book");
  await settled();
  expect([...book.people.values()].map(({ name }) => name)).toEqual(["Ada"]);
}

test(
  "what one two-way sync may have created, another over that side creates only when it was looked for",
  { timeout: 180_000 },
  async () => {
    await using systems = await createUnheard(() => false);
    await expectOne(systems);
  },
);

test("the same where the process ends between the create and its record", { timeout: 180_000 }, async () => {
  await using systems = await createUnheard(() => true);
  await systems.restart();
  await expectOne(systems);
});
