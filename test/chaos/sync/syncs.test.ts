import { afterAll, beforeAll, expect, test } from "vitest";
import type { KernelDatabase } from "../kernel/kernel-database.ts";
import { keepSteps } from "../kernel/steps.ts";
import { drawSyncHistory } from "./draw-history.ts";
import { playSyncHistory } from "./play-history.ts";
import type { SyncHistory, SyncStep } from "./steps.ts";
import { openSyncDatabase } from "./sync-tables.ts";

let database: KernelDatabase;
beforeAll(async () => {
  database = await openSyncDatabase();
});
afterAll(() => database[Symbol.asyncDispose]());

test("histories of edits, kills and lost cursors end with both sides equal", async () => {
  let edits = 0;
  for (let seed = 1; seed <= 6; seed += 1) {
    const played = await playSyncHistory(database, drawSyncHistory(seed));
    expect(played.broken, `seed ${seed}`).toEqual([]);
    edits += played.edits;
  }
  expect(edits).toBeGreaterThan(10);
});

test("the same history is the same to the last event, also after others were played", async () => {
  const digests: string[] = [];
  for (const seed of [8, 6, 8]) digests.push((await playSyncHistory(database, drawSyncHistory(seed))).digest);
  expect(digests[2]).toBe(digests[0]);
  expect(digests[1]).not.toBe(digests[0]);
});

const calm: SyncHistory = {
  seed: 1,
  setting: {
    processes: 1,
    skewMs: [0],
    shape: {
      paging: "cursor",
      end: "more",
      order: "oldest",
      size: 3,
      cap: 3,
      sized: true,
      changes: "field",
      deletions: "none",
      hops: false,
      holes: false,
      lies: false,
      lateMs: 0,
      stepMs: 1_000,
      above: false,
    },
    records: 8,
    versioned: true,
    everySeconds: 8,
    statementMs: 2,
  },
  steps: [],
};

test("deletes that wait for approval still wait after walks through changes, which look for none", async () => {
  const steps: readonly SyncStep[] = [
    { number: 0, atMs: 5_000, kind: "edit", what: "delete", row: 0, count: 8, skip: 0 },
    { number: 1, atMs: 20_000, kind: "run", full: true },
    { number: 2, atMs: 50_000, kind: "decide", approves: true },
  ];
  const { broken, lines } = await playSyncHistory(database, { ...calm, steps }, true);
  expect(broken).toEqual([]);
  const [approval] = lines.filter((line) => line.includes("somebody approve"));
  expect(approval).toMatch(/approve 8$/);
  // Without the walk through everything nothing waits.
  const without = await playSyncHistory(database, keepSteps({ ...calm, steps }, [0, 2]), true);
  expect(without.lines.find((line) => line.includes("somebody approve"))).toContain("SYNC_NOTHING_HELD");
});

test("a process that dies in the middle of a page is followed by another, which goes on where the last page was kept", async () => {
  const steps: readonly SyncStep[] = [{ number: 0, atMs: 0, kind: "crash", process: 0, skip: 44, downMs: 100 }];
  const { broken, lines, faults } = await playSyncHistory(database, { ...calm, steps }, true);
  expect(broken).toEqual([]);
  expect(faults).toBe(1);
  const begun = lines.filter((line) => line.includes('walk goes on {"message":1,'));
  expect(begun.length).toBe(2);
});
