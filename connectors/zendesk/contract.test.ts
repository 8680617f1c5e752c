import { readFileSync } from "node:fs";
import { validate } from "@belay/sdk";
import type { ErrorRow, Schema } from "@belay/sdk";
import { describe, expect, it } from "vitest";
import { zendesk } from "./index.ts";

const { ticket } = zendesk.resources;

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8");
}

async function issuesWith(schema: Schema, value: unknown): Promise<readonly string[]> {
  const result = await validate(schema, value);
  return "issues" in result ? result.issues.map(({ path }) => path) : [];
}

describe("ticket", () => {
  it("reads Zendesk's answers", async () => {
    const one = JSON.parse(fixture("ticket"))[ticket.wrap.one];
    const [first] = JSON.parse(fixture("ticket-list"))[ticket.wrap.many];
    for (const record of [one, first]) {
      const result = await validate(ticket.schema, record);
      expect(result).toMatchObject({
        value: { id: 35436, external_id: "444500041", custom_fields: [{ id: 27642, value: "2026-03-01T12:00:00Z" }, {}, {}, {}] },
      });
      expect(result).not.toHaveProperty("value.raw_subject");
    }
  });

  it("names the field of an answer that is wrong", async () => {
    const record = JSON.parse(fixture("ticket"))[ticket.wrap.one];
    expect(await issuesWith(ticket.schema, { ...record, id: "35436" })).toEqual(["id"]);
    expect(await issuesWith(ticket.schema, { ...record, tags: "github" })).toEqual(["tags"]);
    expect(await issuesWith(ticket.schema, { ...record, custom_fields: [{ id: null, value: "" }] })).toEqual(["custom_fields.0.id"]);
  });

  it("accepts what may be created, and names what may not", async () => {
    const input = JSON.parse(fixture("ticket-create"));
    const { input: schema } = ticket.create;
    expect(await issuesWith(schema, input)).toEqual([]);
    expect(await issuesWith(schema, { ...input, status: "resolved" })).toEqual(["status"]);
    expect(await issuesWith(schema, { ...input, comment: undefined })).toEqual(["comment"]);
    expect(await issuesWith(schema, { ...input, subject: "" })).toEqual(["subject"]);
    expect(await issuesWith(schema, { ...input, external_id: "x".repeat(256) })).toEqual(["external_id"]);
    expect(await validate(schema, { ...input, subjct: "" })).toMatchObject({ issues: [{ message: expect.stringContaining("subjct") }] });
  });

  it("can be created only with the field by which it is found again", async () => {
    const { external_id: _left, ...input } = JSON.parse(fixture("ticket-create"));
    expect(await issuesWith(ticket.create.input, input)).toEqual(["external_id"]);
    expect(ticket.find.by).toContain(ticket.create.safety.readBack.by);
  });

  it("updates without a comment, which a repeated update would add twice", async () => {
    expect(await issuesWith(ticket.update.input, { status: "solved", tags: [] })).toEqual([]);
    expect(await validate(ticket.update.input, { comment: { body: "again" } })).toMatchObject({
      issues: [{ message: expect.stringContaining("comment") }],
    });
    expect(ticket.update.safety.kind).toBe("natural");
  });
});

describe("contacts of the unified model", () => {
  it("can be created of somebody who has a telephone and no e-mail address", async () => {
    const [, toContact] = zendesk.mappings;
    const person = { name: "Grace Hopper", emails: [], phones: [{ number: "+41446681801", kind: "work" }] };
    const { input } = toContact.toProvider(person, { creating: true });
    expect(input).toEqual({ name: "Grace Hopper", phone: "+41446681801" });
    expect(await issuesWith(zendesk.resources.user.create.input, input)).toEqual([]);
    // An address that is there cannot be taken away so: that is refused, not passed over.
    const cleared = toContact.toProvider({ emails: [] }, { creating: false }).input;
    expect(await issuesWith(zendesk.resources.user.update.input, cleared)).toEqual(["email"]);
  });
});

describe("errors", () => {
  const rows: readonly ErrorRow[] = zendesk.errors;
  const reading = (status: number, body: string): ErrorRow | undefined =>
    rows.find((row) => row.status === status && (row.contains === undefined || body.includes(row.contains)));

  it.each([
    [422, "error-record-invalid", "ZENDESK_RECORD_INVALID", "never"],
    [400, "error-idempotency", "ZENDESK_IDEMPOTENCY_KEY_REUSED", "never"],
  ])("reads a %i like %s", (status, name, code, retry) => {
    expect(reading(status, fixture(name))).toMatchObject({ code, retry });
  });

  it("tries again what may succeed later, and nothing else", () => {
    expect(rows.filter((row) => row.retry !== "never").map((row) => row.status)).toEqual([409, 429]);
    expect([401, 403, 404].map((status) => reading(status, "")?.retry)).toEqual(["never", "never", "never"]);
  });

  it("explains every row under a code of its own", () => {
    for (const row of rows) expect(row.code).toMatch(/^ZENDESK_[A-Z_]+$/);
    for (const row of rows) expect(row.meaning.length).toBeGreaterThan(40);
    expect(new Set(rows.map((row) => row.code)).size).toBe(rows.length);
  });
});
