import type { ApiSync } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describeSyncs } from "./describe-syncs.ts";

const movedAt = "2026-03-01T12:00:00.000Z";
const sync = {
  tenant: "acme",
  sync: "contacts",
  connection: "acme-crm",
  state: "walking",
  records: 7,
  troubles: 0,
  deletesHeld: 0,
  pausedWhy: null,
  lastCompleteAt: null,
  lastProvenAt: null,
  nextDue: null,
  walk: { kind: "full", share: 0.41, seen: 7, etaSeconds: 20, movedAt },
} as unknown as ApiSync;

test("a walk whose pages come says how long it takes, and one that stands still says so, and where to look", () => {
  const after = (seconds: number): string => describeSyncs([sync], new Date(Date.parse(movedAt) + seconds * 1_000));
  expect(after(30)).toContain("walking (full): 41 %, 20 s left");
  expect(after(3_600)).toMatch(/walking \(full\): 41 %, no page since [\d :-]+: see belay messages --flow contacts/);
});
