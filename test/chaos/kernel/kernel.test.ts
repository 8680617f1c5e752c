import { afterAll, beforeAll, expect, test } from "vitest";
import { drawHistory } from "./draw-history.ts";
import { KernelDatabase } from "./kernel-database.ts";
import { playHistory } from "./play-history.ts";
import { type History, keepSteps } from "./steps.ts";

let database: KernelDatabase;
beforeAll(async () => {
  database = await KernelDatabase.open();
});
afterAll(() => database[Symbol.asyncDispose]());

test("twenty histories keep every promise", async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { broken, deliveries } = await playHistory(database, drawHistory(seed));
    expect(broken, `seed ${seed}`).toEqual([]);
    expect(deliveries).toBeGreaterThan(0);
  }
});

test("the same history is the same to the last event, also after others were played; another seed gives another", async () => {
  const digests: string[] = [];
  for (const seed of [3, 4, 3]) digests.push((await playHistory(database, drawHistory(seed))).digest);
  expect(digests[2]).toBe(digests[0]);
  expect(digests[1]).not.toBe(digests[0]);
});

const event = { kind: "event", tenant: "acme", source: "github", entity: 1, refused: false, copy: 0 } as const;
const calm: History = { seed: 1, setting: { processes: 1, requestsPer10s: undefined, skewMs: [0] }, steps: [] };

const twoVersions: History["steps"] = [
  { ...event, number: 1, atMs: 10, version: 1 },
  { ...event, number: 2, atMs: 10, version: 2 },
];

test("a target that acts and never answers is asked again", async () => {
  const history: History = { ...calm, steps: [{ number: 0, atMs: 0, kind: "request-fault", what: "no-answer", skip: 1 }, ...twoVersions] };
  const { broken, faults, lines } = await playHistory(database, history, true);
  expect(broken).toEqual([]);
  expect(faults).toBe(1);
  expect(lines.filter((line) => line.includes("sent: POST"))).toHaveLength(2);
});

test("a process that dies at a chosen await is followed by another, which ends what it had begun", async () => {
  const history: History = { ...calm, steps: [{ number: 0, atMs: 0, kind: "crash", process: 0, skip: 25, downMs: 100 }, ...twoVersions] };
  const { broken, faults, lines } = await playHistory(database, history, true);
  expect(broken).toEqual([]);
  expect(faults).toBe(1);
  expect(lines.filter((line) => line.includes("dies"))).toHaveLength(1);
  expect((await playHistory(database, keepSteps(history, [1, 2]))).faults).toBe(0);
});

test("what the target refuses for ever is a dead letter and no broken promise", async () => {
  const steps: History["steps"] = [
    { ...event, number: 0, atMs: 0, version: 1, refused: true },
    { ...event, number: 1, atMs: 5_000, version: 2 },
  ];
  const { broken, lines } = await playHistory(database, { ...calm, steps }, true);
  expect(broken).toEqual([]);
  expect(lines.some((line) => line.includes("ZENDESK_RECORD_INVALID"))).toBe(true);
});
