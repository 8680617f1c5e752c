import { expect, expectTypeOf, test } from "vitest";
import type { Client, ItemOutcome } from "../connector/client-types.ts";
import type { looking } from "../http/__fixtures__/bulk-desk.ts";
import { deal, resourceWith } from "./__fixtures__/definitions.ts";

const many = {
  path: "/deals/batch",
  most: 100,
  outcomes: { match: "position" },
  safety: { kind: "itemKey", member: "key", keptFor: "1d" },
} as const;
const resource = (changes: object, kind = "createMany"): (() => unknown) => resourceWith({ [kind]: { ...many, ...changes } });

/* What a call for many may not say, and what is said to its author. */
test.each([
  [
    resource({ safety: { kind: "key", header: "Idempotency-Key", keptFor: "1d" } }),
    'createMany.safety.kind: found "key". A key of the call is worth nothing to an item that is sent again among others. Name the member of each item that carries its own key (itemKey), or say how each is read back (readBack).',
  ],
  [
    resource({ safety: { kind: "once" } }),
    'createMany.safety.kind: found "once". A lost answer would leave a person with every item of the call. Say how each is read back (readBack), or leave the bulk operation out.',
  ],
  [
    resource({ safety: { kind: "natural" } }),
    'createMany.safety.kind: found "natural". A record that is created twice is there twice. Where the provider knows it by a field, declare upsertMany; else itemKey or readBack.',
  ],
  [
    resource({ safety: { kind: "readBack", readBack: { by: "name" } } }),
    'createMany.safety.readBack.by: found "name". It must be one of find.by, or the record cannot be found again.',
  ],
  [resource({ most: 1 }), "createMany.most: found 1. Give the most items that a call may have, at least 2."],
  [
    resource({ outcomes: { match: "order" } }),
    'createMany.outcomes.match: found "order". Write "position", { index }, { token } or { field, at }.',
  ],
  [
    resource({ outcomes: { match: { token: "ref" } } }),
    "createMany.outcomes.match: found a token that is never sent. Name the member of the item that carries it: item: { token }.",
  ],
  [
    resource({ outcomes: { match: "position", errors: { in: "errors", match: { index: "index" } } } }),
    'createMany.outcomes.match: found "position". Items that are refused are missing in the results, so places shift; match by index, token or field.',
  ],
  [
    resource({ outcomes: { match: { index: "index" }, errors: { in: "errors", match: "position" } } }),
    'createMany.outcomes.errors.match: found "position". The nth refusal is not the nth item\'s; say how its item is told.',
  ],
  [
    resource({ path: "/deals/{owner}/batch" }),
    "createMany.path: found {owner}. Only the placeholders of the resource's path are known when many are written.",
  ],
  [resource({ bodies: "xml" }), 'createMany.bodies: found "xml". A call for many is written and read as JSON: say bodies: "json".'],
  [resource({ collect: true }), 'createMany.collect: found true. Write a number and a unit, such as "10s" or "2h".'],
  [resource({}, "updateMany"), "updateMany: found an operation on many. Declare update too: it says what one of them takes."],
])("refuses a wrong call for many", (define, message) => {
  expect(define).toThrow(expect.objectContaining({ code: "SDK_CONNECTOR_INVALID", message: expect.stringContaining(message) }));
});

test("accepts a right one", () => {
  expect(resource({})).not.toThrow();
  expect(deal).not.toHaveProperty("createMany");
});

test("many have the types of one", () => {
  type Thing = Client<typeof looking>["thing"];
  interface Kept {
    id: number;
    name: string;
  }
  expectTypeOf<Parameters<Thing["createMany"]>>().toEqualTypeOf<[inputs: readonly { name: string }[]]>();
  expectTypeOf<Awaited<ReturnType<Thing["createMany"]>>>().toEqualTypeOf<readonly ItemOutcome<Kept>[]>();
  expectTypeOf<Awaited<ReturnType<Thing["upsert"]>>>().toEqualTypeOf<Kept>();
});
