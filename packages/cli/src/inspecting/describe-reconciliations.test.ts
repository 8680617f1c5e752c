import type { ApiReconciliation } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describeProven, describeReconciliations } from "./describe-reconciliations.ts";

const found = { missing: 0, extra: 30, stale: 0, differing: 0, duplicated: 0, "wrongly-linked": 0 };
const planned = {
  id: 7,
  state: "planned",
  beganAt: null,
  kept: 60,
  compared: 30,
  windows: 1,
  windowsEqual: 1,
  found,
  open: 30,
  code: null,
  whyUnproven: null,
};

test("the commands that go on from a comparison name its connection: the sync may run at many", () => {
  const text = describeReconciliations([planned as unknown as ApiReconciliation], "contacts", "acme-crm");
  expect(text).toContain("belay reconcile show contacts 7 --connection acme-crm\n");
  expect(text).toMatch(/belay reconcile apply contacts 7 --connection acme-crm --most 30$/);
});

test("what was never proven equal has no time", () => {
  expect(describeProven(null)).toBe("Never proven equal yet.");
  expect(describeProven("2026-03-01T12:00:00.000Z")).toMatch(/^Last proven equal at 2026-03-01 [\d:]+\.$/);
});
