import { expect, test } from "vitest";
import { describePaused, nameOfPause } from "./describe-pauses.ts";

test("what is paused for one tenant goes on by the command that is shown", () => {
  const order = { scope: "flow", id: "orders", tenant: "acme" } as const;
  expect(describePaused(order)).toBe("Paused: flow orders of acme. It goes on with: belay resume flow orders --tenant acme");
  expect(describePaused({ scope: "flow", id: "orders" })).toBe("Paused: flow orders. It goes on with: belay resume flow orders");
  expect(nameOfPause(order)).toBe("flow orders of acme");
});
