import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { validate } from "../schema/index.ts";
import type { Resource } from "../connector/types.ts";
import { isBelayError } from "../errors/belay-error.ts";
import { defineMapping, mappingSettings, unified } from "./index.ts";
import type { Contact } from "./index.ts";

const person = {
  path: "/people",
  id: "id",
  schema: z.object({
    id: z.string(),
    full: z.string().nullish(),
    mail: z.string().nullish(),
    tel: z.string().nullish(),
    plan: z.string().nullish(),
  }),
  create: { input: z.strictObject({ full: z.string(), mail: z.string().optional() }), safety: { kind: "once" } },
} as const satisfies Resource;

const toContact = defineMapping(
  person,
  unified.contact,
)({
  resource: "person",
  version: "3",
  when: ({ id }) => id !== "robot",
  fields: {
    name: { from: "full", write: (name) => ({ full: name ?? "" }) },
    emails: { from: "mail", read: ({ mail }) => [mail], write: ([first]) => ({ mail: first?.address ?? "" }) },
    phones: { from: "tel", read: ({ tel }) => [tel] },
  },
});

function mapped(record: object, settings: unknown = {}): Contact {
  const data = toContact({ id: "7", ...record }, { settings });
  if (data === undefined) throw new Error("must be one of the model's");
  return data;
}

describe("a model", () => {
  it("has every field, whatever the provider says", async () => {
    const empty = unified.contact.normalise({});
    expect(Object.keys(empty)).toEqual([...Object.keys(unified.contact.fields), "custom", "unread"]);
    expect(await validate(unified.contact.schema, empty)).toEqual({ value: empty });
  });

  it("keeps what cannot be read, with its place and why", () => {
    const { emails, phones, createdAt, unread } = unified.contact.normalise({
      emails: ["Ada@Example.COM", "n/a", "ada@EXAMPLE.com", "Ada@example.com", ""],
      phones: ["044 668 18 00"],
      createdAt: "yesterday",
    });
    expect(emails.map(({ address }) => address)).toEqual(["Ada@example.com", "ada@example.com"]);
    expect([phones, createdAt]).toEqual([[], null]);
    expect(unread).toEqual([
      { field: "emails.1", raw: "n/a", flag: "email-invalid" },
      { field: "phones.0", raw: "044 668 18 00", flag: "phone-country-missing" },
      { field: "createdAt", raw: "yesterday", flag: "date-invalid" },
    ]);
  });

  it("takes its own records as drafts and gives the same again", () => {
    const said = fc.record({
      name: fc.string(),
      emails: fc.array(fc.oneof(fc.emailAddress(), fc.string()), { maxLength: 4 }),
      addresses: fc.array(fc.record({ street: fc.string(), country: fc.constantFrom("ch", "Germany", "nowhere", "") }), { maxLength: 2 }),
      notes: fc.string(),
    });
    fc.assert(
      fc.property(said, (drafts) => {
        const { custom: _custom, unread: _unread, ...once } = unified.contact.normalise(drafts);
        const { custom: _same, unread, ...again } = unified.contact.normalise(once);
        expect(again).toEqual(once);
        expect(unread).toEqual([]);
      }),
    );
  });

  it("refuses what is not its own, by name", async () => {
    const wrong = { ...unified.contact.normalise({}), nickname: "Ada", createdAt: "yesterday" };
    const result = await validate(unified.contact.schema, wrong);
    expect("issues" in result && result.issues.map(({ path }) => path).toSorted()).toEqual(["createdAt", "nickname"]);
  });

  it("has fields of one's own, checked by their own schemas, and no others", async () => {
    const own = unified.contact.extend({ plan: z.enum(["free", "paid"]), seats: z.number().optional() });
    const withCustom = (custom: object) => validate(own.schema, { ...own.normalise({}), custom });
    const fits = await withCustom({ plan: "paid" });
    expect("value" in fits && fits.value.custom.plan).toBe("paid");
    for (const [custom, paths] of [
      [{ plan: "gold" }, ["custom.plan"]],
      [{ plan: "free", colour: "red" }, ["custom.colour"]],
      [{ seats: 3 }, ["custom.plan"]],
    ] as const) {
      const result = await withCustom(custom);
      expect("issues" in result && result.issues.map(({ path }) => path)).toEqual(paths);
    }
  });
});

describe("a mapping", () => {
  it("is pure, knows its version, and leaves out what is none of the model's", () => {
    expect(mapped({ full: " Ada  Lovelace " })).toMatchObject({ name: "Ada Lovelace", emails: [], familyName: null });
    expect(toContact({ id: "robot" }, {})).toBeUndefined();
    expect([toContact.version, toContact.lineage["emails"], toContact.writable]).toEqual(["3", ["mail"], ["name", "emails"]]);
  });

  it("is made another by a tenant's settings, without another version", async () => {
    expect(mapped({ tel: "044 668 18 00", plan: "gold" }, { country: "CH", custom: { plan: "plan", none: "nowhere" } })).toMatchObject({
      phones: [{ number: "+41446681800" }],
      custom: { plan: "gold" },
    });
    expect(mapped({ tel: "030 1234567", plan: "gold" }, { country: "DE" })).toMatchObject({
      phones: [{ number: "+49301234567" }],
      custom: {},
    });
    expect(mapped({ tel: "030 1234567" }, { somebody: "else's" }).unread).toMatchObject([{ flag: "phone-country-missing" }]);
    for (const wrong of [{ country: "Atlantis" }, { zone: "Mars" }, { custom: { "a b": "c" } }, { region: "eu" }])
      expect(await validate(mappingSettings, wrong)).toHaveProperty("issues");
  });

  it("writes what it can, and names what it cannot", () => {
    expect(toContact.toProvider({ name: "Ada", emails: [{ address: "ada@example.com", kind: "work" }] }, { creating: true })).toEqual({
      input: { full: "Ada", mail: "ada@example.com" },
      fields: { full: "name", mail: "emails" },
    });
    expect(() => toContact.toProvider({ phones: [] }, { creating: false })).toThrow(
      expect.objectContaining({ code: "MODEL_FIELD_READ_ONLY", details: { paths: ["phones"] } }),
    );
    try {
      toContact.toProvider({ familyName: "Lovelace" }, { creating: false });
      expect.fail("must refuse");
    } catch (error) {
      expect(isBelayError(error) && error.message).toContain("Contact.familyName");
    }
  });
});
