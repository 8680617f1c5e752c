import { expect, test } from "vitest";
import { z } from "zod";
import { defineSync } from "./define-sync.ts";
import { mapRecord } from "./map-record.ts";

const schema = z.looseObject({ id: z.string(), at: z.unknown() });
const sync = defineSync({
  id: "people",
  source: { connector: "book", resource: "person", schema },
  target: { model: "person", schema: z.object({ id: z.string() }) },
  version: ({ at }) => at as number,
  map: ({ id }) => ({ id }),
});
test("a mapping that never ends is the trouble of its record", async () => {
  const waiting = { ...sync, map: () => new Promise<never>(() => {}) };
  const record = { id: "1", at: 1 };
  const context = { tenant: "acme", connection: "acme-book", settings: undefined as never };
  expect(await mapRecord({ sync: waiting, id: "id", patienceMs: 5 }, context, record)).toMatchObject({
    kind: "trouble",
    externalId: "1",
    code: "SYNC_MAP_FAILED",
    reason: "Error: The mapping gave nothing within 5 ms.",
  });
});

const mapped = async (record: unknown) =>
  await mapRecord({ sync, id: "id" }, { tenant: "acme", connection: "acme-book", settings: undefined as never }, record);

test.each([[1e300], [-1e300], [2 ** 53], [Number.NaN], ["soon"], [{}]])(
  "a version that nobody can compare is the trouble of its record: %j",
  async (at) => {
    expect(await mapped({ id: "1", at })).toMatchObject({
      kind: "trouble",
      code: "SYNC_MAP_FAILED",
      reason: expect.stringContaining("version"),
    });
  },
);

test.each([
  [1.9, 1],
  [2 ** 53 - 1, 2 ** 53 - 1],
  ["2026-03-01T12:00:00Z", Date.UTC(2026, 2, 1, 12)],
  [undefined, null],
])("a version of %j is kept as %j", async (at, version) => {
  expect(await mapped({ id: "1", at })).toMatchObject({ kind: "mapped", version });
});
