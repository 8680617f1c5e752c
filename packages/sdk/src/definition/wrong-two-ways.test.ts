import { expect, test } from "vitest";
import { z } from "zod";
import { defineConfig } from "../config/define-config.ts";
import { defineConnector } from "../connector/define-connector.ts";
import { standardRules } from "../identity/index.ts";
import { defineSync } from "../sync/define-sync.ts";
import { defineTwoWay } from "../sync/two-way/define-two-way.ts";
import { rulesOf } from "../sync/two-way/rules-of.ts";

/* What is said of a two-way sync that cannot be meant. */

const schema = z.object({ id: z.string(), name: z.string() });
const input = z.object({ name: z.string() });
const person = {
  path: "/people",
  id: "id",
  schema,
  list: { paging: { kind: "none" } },
  create: { input, safety: { kind: "natural" } },
  update: { input, method: "PATCH", safety: { kind: "natural" } },
  delete: {},
} as const;
const { delete: _delete, ...lasting } = person;
const { update: _update, create: _create, ...readOnly } = lasting;
const connector = <const R extends typeof person | typeof lasting | typeof readOnly>(id: string, resource: R) =>
  defineConnector({ id, title: id, baseUrl: `https://${id}.example`, auth: { kind: "bearer" }, resources: { person: resource } });
const crm = connector("crm", person);
const book = connector("book", person);
const model = { model: "contact", schema: z.object({ name: z.string(), note: z.string().optional() }) };
const syncOf = (id: string, source: typeof crm.person, changes: object = {}) =>
  defineSync({ id, source, target: model, map: ({ name }) => ({ name }), identity: standardRules, ...changes });
const a = { sync: syncOf("crm-people", crm.person), write: ({ name }: { name?: string }) => ({ name }) };
const b = { sync: syncOf("book-people", book.person), write: ({ name }: { name?: string }) => ({ name }) };
const twoWay = (changes: object) => (): unknown => defineTwoWay({ id: "people", a, b, ...changes });
const config =
  (changes: object, ways: object = {}) =>
  (): unknown =>
    defineConfig({
      connectors: [crm, book],
      flows: [],
      connections: [],
      syncs: [a.sync, b.sync],
      twoWays: [defineTwoWay({ id: "people", a, b, ...ways })],
      ...changes,
    });

test.each([
  [
    twoWay({ id: "People" }),
    'Two-way sync "People", id: found "People". Use lower-case letters, digits and dashes, at most 80, starting with a letter.',
  ],
  [
    twoWay({ b: { sync: book.person } }),
    'Two-way sync "people", b.sync: found an object. Give a sync made by defineSync; if it is imported, see that the name is exported.',
  ],
  [twoWay({ b: a }), 'Two-way sync "people", b.sync: found "crm-people", which is side a. Name the sync of the other system.'],
  [twoWay({ b: { ...b, sync: syncOf("again", crm.person) } }), "b.sync: found the same connector as side a."],
  [
    twoWay({ b: { ...b, sync: syncOf("others", book.person, { target: { ...model, model: "person" } }) } }),
    'b.sync: found model "person". Map both to one model, as side a does to "contact".',
  ],
  [
    twoWay({ a: { ...a, sync: syncOf("strangers", crm.person, { identity: undefined }) } }),
    'a.sync: found "strangers", which has no identity. Say in that sync how records of both sides are recognised',
  ],
  [twoWay({ b: { sync: b.sync } }), "b.write: found nothing. Say how this side is written"],
  [twoWay({ own: { name: "c" } }), 'own.name: found "c".'],
  [twoWay({ conflict: "oldest" }), 'conflict: found "oldest".'],
  [
    config({ syncs: [a.sync] }),
    'Configuration, twoWays.0.b.sync: found "book-people", which is not in syncs. Add it to syncs: it reads this side.',
  ],
  [config({}, { id: "crm-people" }), 'Configuration, twoWays.0.id: found "crm-people".'],
  [
    config({ connectors: [crm, connector("book", lasting)] }),
    'twoWays.0.b.sync: found book.person, which has no delete. Declare it in the connector: resources.person.delete, or say deletes: "b" or "none".',
  ],
  [config({ connectors: [crm, connector("book", readOnly)] }, { deletes: "none" }), "found book.person, which has no create."],
] as const)("a mistake in a two-way sync is refused, %#", (define, text) => {
  expect(define).toThrow(text);
});

test("the side whose the record is needs no way to be written", () => {
  const define = config({ connectors: [connector("crm", readOnly), book] }, { a: { sync: a.sync }, own: "a" });
  expect(define).not.toThrow();
});

test("what only one side can be written of goes one way, and what neither can stays each side's own", () => {
  const { ownerOf } = rulesOf(
    defineTwoWay<{ name?: string; note?: string }>({
      id: "people",
      a: { ...a, writable: ["name"] },
      b: { ...b, writable: [] },
      own: { note: "a" },
    }),
  );
  expect(["name", "note", "title"].map(ownerOf)).toEqual(["b", "each", "each"]);
});
