import { expect, test } from "vitest";
import { systemClock } from "./clock.ts";

test("a sleep ends by itself, or with the signal's reason", async () => {
  await expect(systemClock.sleep(1)).resolves.toBeUndefined();
  const controller = new AbortController();
  const sleeping = systemClock.sleep(60_000, controller.signal);
  controller.abort("enough");
  await expect(sleeping).rejects.toBe("enough");
  await expect(systemClock.sleep(60_000, controller.signal)).rejects.toBe("enough");
});
