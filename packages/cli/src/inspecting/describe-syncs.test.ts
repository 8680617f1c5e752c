import type { ApiSync } from "@belay/sdk/client";
import { expect, test } from "vitest";
import { describePending, describeSync, describeSyncs, describeUndone } from "./describe-syncs.ts";

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
  const after = (seconds: number): string => describeSyncs([sync], { now: new Date(Date.parse(movedAt) + seconds * 1_000) });
  expect(after(30)).toContain("walking (full): 41 %, 20 s left");
  expect(after(3_600)).toMatch(/walking \(full\): 41 %, no page since [\d :-]+: see belay messages --flow contacts --tenant acme/);
});

test("a long walk says in hours how long it takes, and a filter that fits nothing does not say that there is nothing", () => {
  const long = { ...sync, walk: { ...sync.walk, etaSeconds: 40_000 } } as ApiSync;
  expect(describeSyncs([long], { now: new Date(movedAt) })).toContain("walking (full): 41 %, 11 h left");
  expect(describeSyncs([], { narrowed: true })).toBe("No syncs there: belay syncs shows all.");
  expect(describeSyncs([])).toMatch(/^No syncs: a configuration names them/);
});

test("who looks at one that stands still reads who paused it and why in full, and gets commands that touch no other tenant", () => {
  const why = "The provider has an incident, and we wait until they say that it is over: ticket 812.";
  const paused = { ...sync, state: "paused", pausedAt: movedAt, pausedBy: "key:night", pausedWhy: why } as ApiSync;
  const shown = describeSync(paused, [], []);
  expect(shown).toContain(`: ${why}\nIt goes on with: belay syncs resume contacts --connection acme-crm`);
  expect(shown).toMatch(/^Paused by key:night at /m);
  const undone = describeUndone("contacts", paused, { restored: 1, leftAlone: 0, records: [], paused: true });
  expect(undone).toMatch(/^1 record of contacts at acme-crm is back\.\n.*belay syncs resume contacts --connection acme-crm$/);
});

test("deletes that wait say until when, and how they are approved or refused", () => {
  const held = { ...sync, state: "idle", walk: null, pausedAt: null, deletesHeld: 1, deletesHeldUntil: movedAt } as ApiSync;
  const shown = describeSync(held, [], []);
  expect(shown).toContain("idle, 1 delete waits for approval");
  expect(shown).toMatch(/^1 delete waits for approval until [\d :-]+: more than the sync deletes by itself\.$/m);
  expect(shown).toMatch(
    /^Delete: belay syncs approve contacts --connection acme-crm\nKeep: belay syncs refuse contacts --connection acme-crm$/m,
  );
});

test("records that wait to be deleted are shown with their reasons, and whether there are more", () => {
  const held: ApiSync = { ...sync, deletesHeld: 3 };
  const items = [
    { externalId: "17", record: "rec_a", why: "missing", walk: 4 },
    { externalId: "18", record: null, why: "named", walk: 5 },
  ] as const;
  const shown = describePending(held, { items, more: true });
  expect(shown).toMatch(/^17 +rec_a +not seen by a whole walk +4$/m);
  expect(shown).toMatch(/^18 +gone already +named as deleted, or left out by the mapping +5$/m);
  expect(shown).toMatch(/There are 3; --limit shows more\.$/);
  expect(describePending(held, { items: [], more: false })).toBe("Nothing of contacts waits at acme-crm to be deleted.");
});
