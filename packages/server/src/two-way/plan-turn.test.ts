import { expect, test } from "vitest";
import type { Sides } from "./find-sides.ts";
import { type KnownRecord, planTurn, type TurnFacts } from "./plan-turn.ts";
import type { LinkRow } from "./types.ts";

const sides: Sides = {
  a: { connection: "acme-crm", resource: "person", sync: "customers" },
  b: { connection: "acme-book", resource: "entry", sync: "entries" },
};
const inA = (position: number, changes: Partial<KnownRecord> = {}): KnownRecord => ({
  id: "ada",
  ...sides.a,
  externalId: "c1",
  hash: "00",
  position,
  ...changes,
});
const inB = (position: number, changes: Partial<KnownRecord> = {}): KnownRecord => ({
  ...inA(position),
  ...sides.b,
  externalId: "b1",
  ...changes,
});
const linked = (changes: Partial<LinkRow> = {}): LinkRow => ({
  record: "ada",
  revision: 1,
  state: new Uint8Array(),
  a: { id: "c1", position: 1 },
  b: { id: "b1", position: 2 },
  stands: "equal",
  awaits: null,
  creation: null,
  lookedSince: null,
  code: null,
  ...changes,
});
const plan = (records: readonly KnownRecord[], link?: LinkRow, creates: TurnFacts["rules"]["creates"] = "both") =>
  planTurn({ sides, rules: { creates }, changed: ["ada"], records, links: new Map(link && [["ada", link]]) });
const nothing = { links: [], messages: [], dropped: [] };
const told = (side: "a" | "b") => ({ links: [{ record: "ada", awaits: null }], messages: [{ record: "ada", side }], dropped: [] });
const awaited = (side: "a" | "b") => ({ links: [{ record: "ada", awaits: side }], messages: [], dropped: [] });

test.each([
  ["what only one side has is looked for at the other first", plan([inA(1)]), awaited("b")],
  ["unless its side does not create there", plan([inA(1)], undefined, "b"), nothing],
  ["what was deleted before it was ever known is no business of anybody", plan([inA(1, { hash: null })]), nothing],
  ["what both sides have is merged", plan([inA(1), inB(2)]), told("b")],
  ["what one side has changed is told the other", plan([inA(3), inB(2)], linked()), told("b")],
  ["and the other way round", plan([inA(1), inB(3)], linked()), told("a")],
  ["but never a side that owns the record", plan([inA(1), inB(3)], linked(), "a"), told("b")],
  ["what was merged already, our own writes among it, is passed over", plan([inA(1), inB(2)], linked()), nothing],
  ["what changes while it is looked for still is", plan([inA(3)], linked({ b: { id: null, position: null }, awaits: "b" })), nothing],
  [
    "what turns up while it is looked for is merged",
    plan([inA(1), inB(3)], linked({ b: { id: null, position: null }, awaits: "b" })),
    told("a"),
  ],
  [
    "what is deleted while it is looked for need not be",
    plan([inA(3, { hash: null })], linked({ b: { id: null, position: null }, awaits: "b" })),
    told("b"),
  ],
  ["a deletion is told", plan([inA(3, { hash: null }), inB(2)], linked()), told("b")],
  ["a record of its own again is no more the other side's", plan([inA(1)], linked()), told("a")],
  ["a thing that is another now is forgotten", plan([], linked()), { ...nothing, dropped: ["ada"] }],
  ["of several records of a side the one counts that was merged", plan([inA(1), inA(9, { externalId: "c0" }), inB(2)], linked()), nothing],
  ["unless it is gone, and another is there", plan([inA(3, { hash: null }), inA(0, { externalId: "c2" }), inB(2)], linked()), told("b")],
  ["records of other connections say nothing", plan([inA(3, { connection: "acme-other" })]), nothing],
] as const)("%s", (_what, outcome, expected) => {
  expect(outcome).toEqual(expected);
});
