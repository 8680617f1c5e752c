import { expect, test } from "vitest";
import { drawHistory } from "./draw-history.ts";
import { isFault } from "./steps.ts";

const seeds = Array.from({ length: 500 }, (_, index) => index + 1);

test("the same seed gives the same history, another seed another", () => {
  expect(drawHistory(7)).toEqual(drawHistory(7));
  expect(new Set(seeds.map((seed) => JSON.stringify(drawHistory(seed).steps))).size).toBe(seeds.length);
});

test("steps are in the order of time and numbered, and histories hold every kind of step", () => {
  const histories = seeds.map((seed) => drawHistory(seed).steps);
  for (const steps of histories) {
    expect(steps.map(({ number }) => number)).toEqual(steps.map((_, index) => index));
    expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
  }
  expect([...new Set(histories.flat().map(({ kind }) => kind))].toSorted()).toEqual([
    "clock-jump",
    "crash",
    "database-fault",
    "delivery-fault",
    "deployment",
    "event",
    "outage",
    "request-fault",
    "standstill",
    "token-loss",
  ]);
});

test("on average a history has at least 15 steps and 3 faults", () => {
  const all = seeds.flatMap((seed) => drawHistory(seed).steps);
  expect(all.length / seeds.length).toBeGreaterThanOrEqual(15);
  expect(all.filter(isFault).length / seeds.length).toBeGreaterThanOrEqual(3);
});

test("no history holds a write back in the network where a lease may run out, which nothing could survive", () => {
  for (const seed of seeds) {
    const { steps } = drawHistory(seed);
    const losesLeases = steps.some(({ kind }) => kind === "crash" || kind === "standstill");
    const slow = steps.some((step) => step.kind === "request-fault" && step.what === "slow");
    const ahead = steps.some((step) => step.kind === "clock-jump" && step.clock === "database" && step.byMs > 0);
    expect(losesLeases && (slow || ahead), `seed ${seed}`).toBe(false);
  }
});
