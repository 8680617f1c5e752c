import { readFileSync } from "node:fs";
import { validate } from "@belay/sdk";
import type { ErrorRow, RequestDraft, Schema } from "@belay/sdk";
import { describe, expect, it } from "vitest";
import { parse } from "./index.ts";

const { contact } = parse.resources;
const { mappings, webhooks } = parse;
const [toContact] = mappings;

function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), "utf8");
}

/** The fields of it that can be written. */
function writable(data: object | undefined): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data ?? {}).filter(([name]) => toContact.writable.includes(name)));
}

async function issuesWith(schema: Schema, value: unknown): Promise<readonly string[]> {
  const result = await validate(schema, value);
  return "issues" in result ? result.issues.map(({ path }) => path) : [];
}

const draft = (path: string): RequestDraft => ({ method: "GET", path, headers: {}, body: undefined });

describe("contact", () => {
  const [full, bare] = JSON.parse(fixture("contact-list"))[contact.wrap.many];
  const input = JSON.parse(fixture("contact-create"));

  it("reads the server's answers, with fields that are missing or null", async () => {
    const result = await validate(contact.schema, full);
    expect(result).toMatchObject({ value: { objectId: "xWMyZ4YEGZ", company: null, updatedAt: "2026-03-02T12:00:00.456Z" } });
    expect(result).not.toHaveProperty("value.ACL");
    expect(await issuesWith(contact.schema, bare)).toEqual([]);
  });

  it("names the field of an answer that is wrong", async () => {
    expect(await issuesWith(contact.schema, { ...full, objectId: 7 })).toEqual(["objectId"]);
    expect(await issuesWith(contact.schema, { ...full, phone: 41_446_681_800 })).toEqual(["phone"]);
    expect(await issuesWith(contact.schema, { objectId: "x" })).toEqual(["createdAt", "updatedAt"]);
  });

  it("can be created only with the field by which it is found again", async () => {
    const { email: _left, ...rest } = input;
    expect(await issuesWith(contact.create.input, input)).toEqual([]);
    expect(await issuesWith(contact.create.input, rest)).toEqual(["email"]);
    expect(contact.find.by).toContain(contact.create.safety.readBack.by);
  });

  it("updates any part, and names what may not be written", async () => {
    expect(await issuesWith(contact.update.input, { company: "" })).toEqual([]);
    expect(await validate(contact.update.input, { objectId: "x" })).toMatchObject({
      issues: [{ message: expect.stringContaining("objectId") }],
    });
  });

  it("asks by conditions in one parameter, and leaves paging beside them", () => {
    const asked = contact.find.request(draft("/classes/Contact?email=ada%2Bx%40example.com&limit=1"));
    const parameters = new URL(asked.path, "https://parse.example").searchParams;
    expect(JSON.parse(parameters.get("where") ?? "")).toEqual({ email: "ada+x@example.com" });
    expect(parameters.get("limit")).toBe("1");
    expect(contact.list.request(draft("/classes/Contact")).path).toBe("/classes/Contact");
  });

  it("asks for changes since a time as the server writes times", () => {
    const { path } = contact.list.request(
      draft("/classes/Contact?updatedSince=2026-03-01T12:00:00.000Z&order=updatedAt,objectId&skip=100"),
    );
    const parameters = Object.fromEntries(new URL(path, "https://parse.example").searchParams);
    expect(parameters).toMatchObject({ order: "updatedAt,objectId", skip: "100" });
    expect(JSON.parse(parameters["where"] ?? "")).toEqual({ updatedAt: { $gte: { __type: "Date", iso: "2026-03-01T12:00:00.000Z" } } });
    expect(Object.keys(contact.list.filters)).toContain(contact.changes.by.filter);
  });

  it("makes a record of what was sent and the little that the server answers to it", async () => {
    const request: RequestDraft = { ...draft("/classes/Contact"), method: "POST", body: input };
    const made = contact.create.response({ request, status: 201, headers: {}, body: JSON.parse(fixture("contact-created")) });
    expect(await validate(contact.schema, made)).toMatchObject({
      value: {
        objectId: "xWMyZ4YEGZ",
        email: "ada@example.com",
        createdAt: "2026-03-01T12:00:00.123Z",
        updatedAt: "2026-03-01T12:00:00.123Z",
      },
    });
  });

  it("is a contact of the model, and is written back as it was", async () => {
    const record = await validate(contact.schema, full);
    if ("issues" in record) throw new Error("the fixture must fit");
    const data = toContact(record.value, {});
    expect(data).toMatchObject({
      name: "Ada Lovelace",
      emails: [{ address: "ada@example.com" }],
      phones: [{ number: "+41446681800", kind: "work" }],
    });
    const { input: written } = toContact.toProvider(writable(data), { creating: false });
    expect(written).toMatchObject({ name: "Ada Lovelace", email: "ada@example.com", phone: "+41446681800", mobilePhone: "", company: "" });
    expect(await issuesWith(contact.update.input, written)).toEqual([]);
  });
});

describe("triggers", () => {
  const event = JSON.parse(fixture("after-save"));

  it("reads what the server calls with, and keeps of the object what says which and when", async () => {
    expect(await validate(webhooks.events.afterSave, event)).toEqual({
      value: {
        triggerName: "afterSave",
        object: {
          className: "Contact",
          objectId: "xWMyZ4YEGZ",
          createdAt: "2026-03-01T12:00:00.123Z",
          updatedAt: "2026-03-02T12:00:00.456Z",
        },
      },
    });
    expect(event[webhooks.type.body]).toBe("afterSave");
  });

  it("are hints of changes", () => {
    expect(contact.changes.hints.toSorted()).toEqual(Object.keys(webhooks.events).toSorted());
  });
});

describe("errors", () => {
  const rows: readonly ErrorRow[] = parse.errors;
  const reading = (status: number, body: string): ErrorRow | undefined =>
    rows.find((row) => row.status === status && (row.contains === undefined || body.replaceAll(" ", "").includes(row.contains)));

  it.each([
    [400, "error-session-ended", "PARSE_SESSION_ENDED", "backoff"],
    [404, "error-not-found", "PARSE_NOT_FOUND", "never"],
    [400, "error-value-taken", "PARSE_VALUE_TAKEN", "backoff"],
    [400, "error-type-mismatch", "PARSE_TYPE_MISMATCH", "never"],
    [400, "error-forbidden", "PARSE_FORBIDDEN", "never"],
  ])("reads a %i like %s", (status, name, code, retry) => {
    expect(reading(status, fixture(name))).toMatchObject({ code, retry });
  });

  it("explains every row under a code of its own", () => {
    for (const row of rows) expect(row.code).toMatch(/^PARSE_[A-Z_]+$/);
    for (const row of rows) expect(row.meaning.length).toBeGreaterThan(40);
    expect(new Set(rows.map((row) => row.code)).size).toBe(rows.length);
  });
});
