import { defineSync, defineTwoWay, type Resource } from "@belay/sdk";
import { standardRules } from "@belay/sdk/identity";
import type { LinkState, SideState } from "@belay/sdk/two-way";
import { z } from "zod";
import type { SideRecord, WriteRequest } from "../../two-way/index.ts";

/* A two-way sync of people, without a database; side b is written. */

export const person = z.object({ name: z.string(), phone: z.string() });
export type Person = z.infer<typeof person>;

/** Where people are, and can be changed. */
export const people = {
  path: "/people",
  id: "id",
  schema: z.object({ id: z.string(), ...person.shape }),
  update: { input: person.partial(), method: "PATCH", safety: { kind: "natural" } },
} as const satisfies Resource;

const syncOf = (id: string) =>
  defineSync({
    id,
    source: { connector: id, resource: "person", schema: people.schema },
    target: { model: "person", schema: person },
    identity: standardRules,
    matchOn: ({ phone }) => [{ kind: "phone", value: phone }],
    map: ({ name, phone }) => ({ name, phone }),
  });

/** Whoever did not know of side a's change loses. */
export const twoWay = defineTwoWay<Person>({
  id: "people",
  a: { sync: syncOf("left"), write: (fields) => fields },
  b: { sync: syncOf("right"), write: (fields) => fields },
  conflict: "a",
});

/** What both sides had when they were merged last. */
export const before: Person = { name: "old", phone: "1" };
const side: SideState = { seen: before, told: before, version: null };
export const agreed: LinkState = { base: before, a: side, b: side, held: [] };

export function recordOf(externalId: string, data: Person, position: number): SideRecord {
  return { externalId, data: JSON.stringify(data), version: null, raw: JSON.stringify({ id: externalId, ...data }), sync: null, position };
}

/** Side b has what it had; `a` is what side a has by now. */
export function requestOf(a: Person, changes: Partial<WriteRequest> = {}): WriteRequest {
  return {
    record: "rec_1",
    side: "b",
    state: JSON.stringify(agreed),
    a: recordOf("a1", a, 3),
    b: recordOf("b1", before, 2),
    decided: "{}",
    creation: null,
    code: null,
    revision: 1,
    doubts: [],
    settings: "{}",
    ...changes,
  };
}

/** Side b has none, and it is to be created there. */
export function creationOf(a: Person, creation: WriteRequest["creation"]): WriteRequest {
  return requestOf(a, { state: null, b: null, creation });
}
