import { afterAll, beforeAll, expect, test } from "vitest";
import type { KernelDatabase } from "../kernel/kernel-database.ts";
import { openSyncDatabase } from "../sync/sync-tables.ts";
import { drawTwoWayHistory } from "./draw-two-way.ts";
import { playTwoWayHistory } from "./play-two-way.ts";

let database: KernelDatabase;
beforeAll(async () => {
  database = await openSyncDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

test("histories of two sides end with both equal, and without another write", async () => {
  let edits = 0;
  // In 44 and 145 somebody is made anew at a side, where the other has written its own way what it was told, or what is not for it to say; in 210 people make somebody anew who is gone at both.
  // 3 and 12 have a plot each.
  for (const seed of [3, 12, 44, 145, 210]) {
    const played = await playTwoWayHistory(database, drawTwoWayHistory(seed));
    expect(played.broken, `seed ${seed}`).toEqual([]);
    edits += played.edits;
  }
  expect(edits).toBeGreaterThan(10);
});

test("the same history is the same to the last event, also after others were played", async () => {
  const digests: string[] = [];
  // In 23, ids of records are sent as idempotency keys, and both syncs become due at one moment; in 140 somebody is asked whether two are one.
  for (const seed of [23, 140, 140, 23]) digests.push((await playTwoWayHistory(database, drawTwoWayHistory(seed))).digest);
  expect(digests[3]).toBe(digests[0]);
  expect(digests[2]).toBe(digests[1]);
  expect(digests[1]).not.toBe(digests[0]);
});

test("what only a listing of changes tells of in the end is carried over, and is no write too many", async () => {
  // Walks through everything of a prove nothing: whoever is deleted there in the end is told of by the next walk through changes.
  const { seed, setting } = drawTwoWayHistory(22);
  expect((await playTwoWayHistory(database, { seed, setting: { ...setting, everySeconds: 20 }, steps: [] })).broken).toEqual([]);
});
