import { expect, test } from "vitest";
import { Promises } from "./promises.ts";

/** Of 80 in 10 s all are free at 10 s, and as many again at 20 s. */
function foreseen(): Promises {
  const promises = new Promises({ requests: 80, perMs: 10_000 });
  promises.foreseen([
    [10_000, 80],
    [20_000, 160],
  ]);
  return promises;
}

test("who is told after others is told a later time, once they will want all that is free then", () => {
  const promises = foreseen();
  for (let mailbox = 0; mailbox < 8; mailbox += 1) {
    expect(promises.roomFor(1, 0)).toBe(10_000);
    for (let call = 0; call < 30; call += 1) promises.add(`m${mailbox}`, 10_000, 1);
  }
  expect(promises.roomFor(1, 0)).toBe(20_000);
});

test("a mailbox keeps away no more than its share, however many of its calls were turned away", () => {
  const promises = foreseen();
  for (let call = 0; call < 1_000; call += 1) promises.add("m", 10_000, 1);
  expect(promises.roomFor(70, 0)).toBe(10_000);
  expect(promises.roomFor(71, 0)).toBe(20_000);
});

test("what is promised for later keeps nobody from what is free before", () => {
  const promises = foreseen();
  for (let mailbox = 0; mailbox < 50; mailbox += 1) for (let call = 0; call < 10; call += 1) promises.add(`m${mailbox}`, 20_000, 1);
  expect(promises.roomFor(80, 0)).toBe(10_000);
});

test("whose time has come is promised nothing any more: it waits again", () => {
  const promises = foreseen();
  for (let mailbox = 0; mailbox < 8; mailbox += 1) for (let call = 0; call < 10; call += 1) promises.add(`m${mailbox}`, 10_000, 1);
  expect(promises.roomFor(1, 9_000)).toBe(20_000);
  expect(promises.roomFor(1, 9_600)).toBe(10_000);
});

test("beyond what was foreseen the limit's rate goes on", () => {
  expect(foreseen().roomFor(240, 0)).toBe(30_000);
  expect(new Promises({ requests: 80, perMs: 10_000 }).roomFor(1, 0)).toBe(0);
});
