import { expect, test } from "vitest";
import { type Owner, VirtualTime } from "./virtual-time.ts";

function owner(): Owner {
  return { name: "process", alive: true, standsStillUntil: 0 };
}

test("appointments are kept in the order of their time, then of their making, and time jumps to them", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  time.after(20, undefined, () => void seen.push(`late ${time.now}`));
  time.after(10, undefined, () => void seen.push(`first ${time.now}`));
  time.after(10, undefined, () => void seen.push(`second ${time.now}`));
  time.after(5, undefined, () => void seen.push("cancelled"))();
  await time.runUntil(15);
  expect([...seen, time.now]).toEqual(["first 10", "second 10", 15]);
  await time.runUntil(100);
  expect([...seen, time.now]).toEqual(["first 10", "second 10", "late 20", 100]);
});

test("time stands still while promises, and what they put off to the next turn, can go on", async () => {
  const time = new VirtualTime();
  const seen: number[] = [];
  time.after(1, undefined, () => {
    setImmediate(() => void Promise.resolve().then(() => time.after(0, undefined, () => void seen.push(time.now))));
  });
  time.after(2, undefined, () => void seen.push(time.now));
  await time.runUntil(10);
  expect(seen).toEqual([1, 2]);
});

test("what is due for a dead process never happens, and for one that stands still it is late", async () => {
  const time = new VirtualTime();
  const seen: string[] = [];
  const [dead, still] = [owner(), owner()];
  time.after(1, dead, () => void seen.push("dead"));
  time.after(2, still, () => void seen.push(`still ${time.now}`));
  time.after(3, undefined, () => void seen.push(`world ${time.now}`));
  dead.alive = false;
  still.standsStillUntil = 50;
  await time.runUntil(100);
  expect(seen).toEqual(["world 3", "still 50"]);
});
