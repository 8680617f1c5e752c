import { readFileSync } from "node:fs";
import { validate } from "@belay/sdk";
import type { ErrorRow, RequestDraft, Schema } from "@belay/sdk";
import { readVcard, writeVcard } from "@belay/sdk/vcard";
import { describe, expect, it } from "vitest";
import { carddav } from "./index.ts";
import { readFields, writeFields } from "./resources/card.ts";

const { contact } = carddav.resources;
const [toContact] = carddav.mappings;

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8");
}

/** The fields of it that can be written. */
function writable(data: object | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => toContact.writable.includes(name)));
}

async function issuesWith(schema: Schema, value: unknown): Promise<readonly string[]> {
  const result = await validate(schema, value);
  return "issues" in result ? result.issues.map(({ path }) => path) : [];
}

const card = fixture("card.vcf");
const request: RequestDraft = { method: "GET", path: "/ada/contacts/ada.vcf", headers: {}, body: undefined };
const record = contact.get.response({
  request,
  status: 200,
  headers: { etag: '"1"', "last-modified": "Sun, 01 Mar 2026 12:00:00 GMT" },
  body: card,
});

describe("a card", () => {
  it("is read by its fields", async () => {
    expect(await validate(contact.schema, record)).toMatchObject({
      value: {
        id: "ada.vcf",
        etag: '"1"',
        changedAt: "2026-03-01T12:00:00.000Z",
        uid: "ada",
        fullName: "Ada Lovelace",
        givenName: "Ada",
        familyName: "Lovelace",
        organisation: "Analytical Engines",
        emails: [
          { address: "ada@example.com", kind: "work" },
          { address: "ada@home.example", kind: "other" },
        ],
        phones: [{ number: "+41796681800", kind: "mobile" }],
        addresses: [
          { street: "12 St James's Square", locality: "London", postalCode: "SW1Y 4JH", country: "United Kingdom", kind: "home" },
        ],
        note: "likes tea, cake; and long\nwalks",
      },
    });
  });

  it("stays as it is where nothing of it changes", () => {
    const parsed = readVcard(card);
    expect(writeFields(parsed, readFields(parsed))).toEqual(parsed);
  });

  it("keeps what the contract does not name, its labels and its other names", () => {
    const after = writeVcard(
      writeFields(readVcard(card), { note: "", givenName: "A.", emails: [{ address: "ada@home.example", kind: "other" }] }),
    );
    for (const line of ["X-OWN;X-P=1:kept", "Lovelace;A.;Augusta", "Analytical Engines;Programming", "Summer house"])
      expect(after.toLowerCase()).toContain(line.toLowerCase());
    expect(after).not.toContain("NOTE");
    expect(after).not.toContain("ada@example.com");
  });

  it("is a contact of the model, and is written back as it was", async () => {
    const valid = await validate(contact.schema, record);
    if ("issues" in valid) throw new Error("the fixture must fit");
    const data = toContact(valid.value, {});
    expect(data).toMatchObject({
      name: "Ada Lovelace",
      company: "Analytical Engines",
      phones: [{ number: "+41796681800", kind: "mobile" }],
    });
    const { input } = toContact.toProvider(writable(data), { creating: false });
    expect(await issuesWith(contact.update.input, input)).toEqual([]);
    const after = { ...valid.value, ...readFields(writeFields(readVcard(card), input)) };
    expect(toContact(after, {})).toEqual(data);
  });

  it("gets a name of its own when it is created, the same for the same contact", async () => {
    const { input } = toContact.toProvider({ name: "Ada", emails: [{ address: "ada@example.com", kind: "billing" }] }, { creating: true });
    expect(input).toMatchObject({ id: "ada@example.com.vcf", emails: [{ kind: "other" }] });
    expect(await issuesWith(contact.create.input, input)).toEqual([]);
    expect(await issuesWith(contact.create.input, { ...input, id: "a/b.vcf" })).toEqual(["id"]);
    expect(contact.find.by).toContain(contact.create.safety.readBack.by);
  });
});

describe("errors", () => {
  const rows: readonly ErrorRow[] = carddav.errors;
  const reading = (status: number, body: string): ErrorRow | undefined =>
    rows.find((row) => row.status === status && (row.contains === undefined || body.includes(row.contains)));

  it("tells a forgotten sync token from what is forbidden", () => {
    expect(reading(403, fixture("error-sync-token.xml"))).toMatchObject({
      code: "CARDDAV_SYNC_TOKEN_EXPIRED",
      answers: ["cursor-expired", "cursor-invalid"],
    });
    expect(reading(403, "<error/>")).toMatchObject({ code: "CARDDAV_FORBIDDEN" });
    expect(reading(412, "")).toMatchObject({ code: "CARDDAV_CONTACT_CHANGED", retry: "never" });
  });

  it("explains every row under a code of its own", () => {
    for (const row of rows) expect(row.code).toMatch(/^CARDDAV_[A-Z_]+$/);
    for (const row of rows) expect(row.meaning.length).toBeGreaterThan(40);
    expect(new Set(rows.map((row) => row.code)).size).toBe(rows.length);
  });
});
