import fc from "fast-check";
import { expect, test } from "vitest";
import { unified } from "../models/index.ts";
import { combineRecords, type ViewRecord } from "./combine-records.ts";
import { defineView } from "./define-view.ts";

const hubspot: ViewRecord = {
  connection: "acme-hubspot",
  provider: "hubspot",
  position: 9,
  data: { name: "Ada L.", emails: [], company: null },
};
const stripe: ViewRecord = {
  connection: "acme-stripe",
  provider: "stripe",
  position: 3,
  data: { name: "Ada", emails: ["a@x.io"], company: null },
};

test("each value is that of the first who has one, in the order that the field, or all others, prefer; else of the newest", () => {
  const view = defineView({ id: "customers", of: unified.contact, fields: { name: ["stripe"] } });
  expect(combineRecords(view, [hubspot, stripe])).toEqual({
    data: { name: "Ada", emails: ["a@x.io"], company: null },
    from: { name: 1, emails: 1 },
  });
  const newest = defineView({ id: "customers", of: unified.contact });
  expect(combineRecords(newest, [stripe, hubspot])).toEqual({
    data: { name: "Ada L.", emails: ["a@x.io"], company: null },
    from: { name: 1, emails: 0 },
  });
  const byConnection = defineView({ id: "customers", of: unified.contact, otherwise: ["acme-stripe", "hubspot"] });
  expect(combineRecords(byConnection, [stripe, hubspot]).data["name"]).toBe("Ada");
});

test("the order in which records are given does not matter, and every value is linked to a record that has it", () => {
  const record = fc.record({
    connection: fc.constantFrom("a", "b", "c", "d"),
    provider: fc.constantFrom("x", "y"),
    position: fc.nat(100),
    data: fc.dictionary(fc.constantFrom("one", "two"), fc.option(fc.nat(3))),
  });
  const records = fc.uniqueArray(record, { selector: ({ connection }) => connection });
  fc.assert(
    fc.property(records, fc.array(fc.constantFrom("a", "b", "x", "y")), (given, otherwise) => {
      const view = { fields: { one: ["c"] }, otherwise };
      const [there, back] = [combineRecords(view, given), combineRecords(view, given.toReversed())];
      expect(back.data).toEqual(there.data);
      for (const [name, index] of Object.entries(there.from)) expect(given[index]!.data[name]).toBe(there.data[name]);
    }),
  );
});

test("a definition has a version of its own, however it is written", () => {
  const one = defineView({ id: "v", of: unified.contact, fields: { name: ["a"], emails: ["b"] } });
  expect(defineView({ id: "v", of: unified.contact, fields: { emails: ["b"], name: ["a"] } }).version).toBe(one.version);
  expect(defineView({ id: "v", of: unified.contact, fields: { emails: ["b"] } }).version).not.toBe(one.version);
});

test.each([
  [{ id: "V", of: unified.contact }, /id/],
  [{ id: "v", of: undefined }, /Name a model/],
  [{ id: "v", of: unified.contact, otherwise: "hubspot" }, /otherwise/],
])("%j is refused", (definition, remedy) => {
  expect(() => defineView(definition as never)).toThrow(remedy);
});
