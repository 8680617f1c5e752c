import { expect, test } from "vitest";
import { z } from "zod";
import { defineMapping, unified } from "../../models/index.ts";
import { standardRules } from "../../identity/index.ts";
import type { Resource } from "../../connector/types.ts";
import { defineConnector } from "../../connector/define-connector.ts";
import { defineSync } from "../define-sync.ts";
import { defineTwoWay } from "./define-two-way.ts";
import { mergeSides } from "./merge-sides.ts";
import { rulesOf } from "./rules-of.ts";

const written = z.object({ name: z.string(), note: z.string(), tag: z.string() }).partial();
const person = {
  path: "/people",
  id: "id",
  schema: z.object({ id: z.string(), name: z.string(), full: z.string(), note: z.string(), tag: z.string() }),
  list: { paging: { kind: "none" } },
  create: { input: written, safety: { kind: "once" } },
  update: { input: written, method: "PATCH", safety: { kind: "natural" } },
} as const satisfies Resource;

const billing = defineMapping(
  person,
  unified.contact,
)({
  resource: "person",
  version: "1",
  fields: {
    name: { from: "name", write: (name) => ({ name: name ?? "" }) },
    notes: { from: "note", write: (note) => ({ note: note ?? "" }) },
    jobTitle: { from: "tag" },
  },
});
const support = defineMapping(
  person,
  unified.contact,
)({
  resource: "person",
  version: "1",
  fields: { name: "full", jobTitle: { from: "tag", write: (tag) => ({ tag: tag ?? "" }) } },
});

const sideOf = (id: string, mapping: typeof billing) => {
  const connector = defineConnector({
    id,
    title: id,
    baseUrl: `https://${id}.example`,
    auth: { kind: "bearer" },
    resources: { person },
    mappings: [mapping],
  });
  return { sync: defineSync({ id, source: connector.person, target: unified.contact, identity: standardRules }) };
};
const rules = (own?: "a" | "b") =>
  rulesOf(defineTwoWay({ id: "people", a: sideOf("billing", billing), b: sideOf("support", support), ...(own && { own }) }));

test("a field is owned by who alone can tell the other of it, and by nobody where its reader is not its writer", () => {
  expect(Object.fromEntries(["name", "notes", "jobTitle", "addresses"].map((field) => [field, rules().ownerOf(field)]))).toEqual({
    name: "b",
    notes: "each",
    jobTitle: "a",
    addresses: "each",
  });
  expect([rules("b").ownerOf("notes"), rules("b").ownerOf("name")]).toEqual(["each", "b"]);
});

test("what one side does not read is not emptied at the other", () => {
  const a = { data: { name: "Ada", notes: "a good customer" }, version: 1 };
  const b = { data: { name: "Ada", notes: null }, version: 2 };
  const { writes } = mergeSides({ state: null, a, b }, rules());
  expect(writes).toEqual({ a: null, b: null });
});
