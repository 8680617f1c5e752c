import { readFileSync } from "node:fs";
import { validate } from "@belay/sdk";
import type { ErrorRow, Schema } from "@belay/sdk";
import { describe, expect, it } from "vitest";
import { hubspot } from "./index.ts";

const { contact } = hubspot.resources;

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8");
}

async function issuesWith(schema: Schema, value: unknown): Promise<readonly string[]> {
  const result = await validate(schema, value);
  return "issues" in result ? result.issues.map(({ path }) => path) : [];
}

describe("contact", () => {
  const record = JSON.parse(fixture("contact"));
  const input = JSON.parse(fixture("contact-create"));

  it("reads HubSpot's answers", async () => {
    const result = await validate(contact.schema, record);
    expect(result).toMatchObject({ value: { id: "33451", properties: { stripe_customer_id: "cus_TestAda1815", company: null } } });
    expect(result).not.toHaveProperty("value.properties.hs_object_id");
  });

  it("reads answers that hold only the properties that were sent", async () => {
    expect(await issuesWith(contact.schema, { id: "1", properties: { email: "ada@example.com" } })).toEqual([]);
  });

  it("names the field of an answer that is wrong", async () => {
    expect(await issuesWith(contact.schema, { ...record, id: 33451 })).toEqual(["id"]);
    expect(await issuesWith(contact.schema, { ...record, properties: { ...record.properties, email: 1 } })).toEqual(["properties.email"]);
    expect(await issuesWith(contact.schema, { id: "33451" })).toEqual(["properties"]);
  });

  it("asks for every property it reads", () => {
    expect(contact.query.properties.split(",").toSorted()).toEqual([
      "address",
      "city",
      "company",
      "country",
      "email",
      "firstname",
      "jobtitle",
      "lastmodifieddate",
      "lastname",
      "mobilephone",
      "phone",
      "state",
      "stripe_customer_id",
      "stripe_event_created",
      "zip",
    ]);
  });

  it("accepts what may be created, and names what may not", async () => {
    const { input: schema } = contact.create;
    expect(await issuesWith(schema, input)).toEqual([]);
    expect(await issuesWith(schema, { ...input, stripe_event_created: 1_772_366_390 })).toEqual(["stripe_event_created"]);
    expect(await issuesWith(schema, { ...input, stripe_event_created: "yesterday" })).toEqual(["stripe_event_created"]);
    expect(await issuesWith(schema, { ...input, email: null })).toEqual(["email"]);
    expect(await validate(schema, { ...input, name: "Ada" })).toMatchObject({ issues: [{ message: expect.stringContaining("name") }] });
  });

  it("can be created only with the property by which it is found again", async () => {
    const { stripe_customer_id: _left, ...rest } = input;
    expect(await issuesWith(contact.create.input, rest)).toEqual(["stripe_customer_id"]);
    expect(contact.find.by).toContain(contact.create.safety.readBack.by);
  });

  it("updates any part, and clears a property by an empty text", async () => {
    expect(await issuesWith(contact.update.input, { company: "" })).toEqual([]);
    expect(await issuesWith(contact.update.input, { stripe_customer_id: "" })).toEqual(["stripe_customer_id"]);
  });
});

describe("errors", () => {
  const rows: readonly ErrorRow[] = hubspot.errors;
  const reading = (status: number, body: string): ErrorRow | undefined =>
    rows.find((row) => row.status === status && (row.contains === undefined || body.includes(row.contains)));

  it.each([
    [409, "error-contact-exists", "HUBSPOT_CONTACT_EXISTS", "backoff"],
    [400, "error-unique-value", "HUBSPOT_UNIQUE_VALUE_TAKEN", "backoff"],
    [400, "error-validation", "HUBSPOT_RECORD_INVALID", "never"],
    [429, "error-rate-limit", "HUBSPOT_RATE_LIMITED", { afterMs: 10_000 }],
    [429, "error-daily-limit", "HUBSPOT_DAILY_LIMIT", { afterMs: 3_600_000 }],
  ])("reads a %i like %s", (status, name, code, retry) => {
    expect(reading(status, fixture(name))).toMatchObject({ code, retry });
  });

  it("explains every row under a code of its own", () => {
    for (const row of rows) expect(row.code).toMatch(/^HUBSPOT_[A-Z_]+$/);
    for (const row of rows) expect(row.meaning.length).toBeGreaterThan(40);
    expect(new Set(rows.map((row) => row.code)).size).toBe(rows.length);
  });
});
