import { expect, test } from "vitest";
import { after, systemClock } from "./clock.ts";

test("a sleep ends by itself, or with the signal's reason", async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort("enough");
  await expect(sleeping).rejects.toBe("enough");
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe("enough");
});

test.each([
  ["a timer of its own", systemClock],
  ["sleep alone", { now: systemClock.now, sleep: systemClock.sleep }],
])("what is called off does not happen, with %s", async (_name, clock) => {
  const happened: string[] = [];
  const callOff = after(clock, 1, () => happened.push("called off"));
  callOff();
  callOff();
  await new Promise<void>((resolve) => void after(clock, 5, resolve));
  expect(happened).toEqual([]);
});
