import { defineSync } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { buildCatalog } from "../catalog/index.ts";
import { book, connectionOf } from "./__fixtures__/book.ts";
import { mustBeKnown } from "./index.ts";
import { ensureSyncs } from "./store.ts";

const sync = defineSync({ id: "people", source: book.person, target: { model: "contact", schema: z.unknown() }, map: (record) => record });
const connections = [connectionOf("acme")];

test("a sync is known as soon as it is configured, and as long as it was ever there", async () => {
  await using database = await openFreshPostgres();
  const { db } = database;
  const known = async (tenant: string, id: string, connection: string, syncs = [sync]): Promise<boolean> =>
    await mustBeKnown(
      { db, catalog: buildCatalog({ connectors: [book], flows: [], syncs, connections }) },
      { tenant, sync: id, connection },
    ).then(
      () => true,
      (error: unknown) => {
        expect(error).toMatchObject({ code: "API_NOT_FOUND" });
        return false;
      },
    );
  expect(await known("acme", "people", "acme-book")).toBe(true);
  expect(await known("globex", "people", "acme-book")).toBe(false);
  expect(await known("acme", "poeple", "acme-book")).toBe(false);
  expect(await known("acme", "people", "acme-book", [])).toBe(false);
  await ensureSyncs(db, [{ tenant: "acme", sync: "people", connection: "acme-book" }]);
  expect(await known("acme", "people", "acme-book", [])).toBe(true);
});
