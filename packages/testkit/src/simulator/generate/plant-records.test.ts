import { defineConnector, validate } from "@belay/sdk";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { collect, drive, steppingClock, token } from "../__fixtures__/drive.ts";
import { simulate } from "../index.ts";
import type { RecordCounts, Simulator, SimulatorOptions } from "../index.ts";

const person = z.object({
  first_name: z.string().min(1),
  last_name: z.string().min(1),
  email: z.email(),
  phone: z.string().max(20).optional(),
  organization_id: z.number().int(),
  stage: z.enum(["lead", "customer"]),
});

const crm = defineConnector({
  id: "crm",
  title: "CRM",
  baseUrl: "https://crm.example",
  auth: { kind: "bearer" },
  resources: {
    // Declared before what it refers to.
    person: {
      path: "/people",
      id: "id",
      schema: person.extend({ id: z.number(), created_at: z.iso.datetime(), score: z.number().int().min(1).max(5) }),
      references: { organization_id: "organization" },
      create: { input: person, safety: { kind: "natural" } },
      get: {},
      find: { by: ["email"], style: { kind: "query" } },
      list: { paging: { kind: "link" } },
    },
    organization: {
      path: "/organizations",
      id: "id",
      schema: z.object({ id: z.number(), company_name: z.string(), city: z.string(), website_url: z.url() }),
      list: { paging: { kind: "link" } },
    },
    note: {
      path: "/people/{person}/notes",
      id: "id",
      schema: z.object({ id: z.number(), body: z.string() }),
      list: { paging: { kind: "link" } },
    },
  },
  simulator: {
    resources: { person: { unique: ["email"], defaults: (now) => ({ created_at: now.toISOString() }) } },
  },
});

const start = (records: RecordCounts, options: Partial<SimulatorOptions> = {}): Promise<Simulator> =>
  simulate(crm, { accounts: { acme: { token } }, listen: false, clock: steppingClock(), records, ...options });

describe("records that are there at the start", () => {
  test("fit their schemas, look real, and refer to records that exist", async () => {
    const simulator = await start({ person: 300, organization: 20 });
    const people = await collect(drive(crm, simulator).person.list());
    const organizations = new Set(simulator.records("organization").map(({ body }) => body["id"]));
    expect(people).toHaveLength(300);
    expect(people.filter((one) => !organizations.has(one.organization_id))).toEqual([]);
    expect(new Set(people.map(({ email }) => email)).size).toBe(300);
    expect(new Set(people.map(({ first_name }) => first_name)).size).toBeGreaterThan(150);
    for (const { email, first_name, last_name, phone } of people) {
      // What a person is called shows in the address, whose domain is nobody's.
      expect(email).toMatch(/@example\.(com|net|org)$/);
      expect(`${first_name} ${last_name}`).toMatch(/^\p{Lu}/u);
      if (phone !== undefined) expect(phone).toMatch(/^\+\d{7,15}$/);
    }
    expect(people.filter(({ phone }) => phone === undefined).length).toBeGreaterThan(20);
  });

  test("came into being in the course of a year, and are in no history", async () => {
    const clock = steppingClock();
    const simulator = await start({ person: 50, organization: 1 }, { clock, webhooks: { endpoints: {} } });
    const times = simulator.records("person").map(({ createdAt }) => createdAt);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect([clock.now() - (times[0] ?? 0), clock.now() - (times.at(-1) ?? 0)]).toEqual([365 * 86_400_000, 7.3 * 86_400_000]);
    expect([simulator.writes("person"), simulator.history()]).toEqual([[], []]);
    const { id } = await drive(crm, simulator)
      .person.create({
        first_name: "Ada",
        last_name: "Lovelace",
        email: "ada@example.org",
        organization_id: 1001,
        stage: "lead",
      })
      .catch(() => ({ id: undefined }));
    // The schema wants a score that nobody fills in: the simulator says so instead of making one up for a write.
    expect(id).toBeUndefined();
    expect(simulator.writes("person").map(({ sequence, recordId }) => [sequence, recordId])).toEqual([[1, "1051"]]);
  });

  test("are the same for the same seed, others for another and for another account", async () => {
    const bodies = async (seed: number, account = "acme") => {
      const simulator = await start({ person: 30, organization: 3 }, { seed, accounts: { acme: { token }, globex: { token } } });
      return JSON.stringify(simulator.records("person", account).map(({ body }) => body));
    };
    expect(await bodies(1)).toBe(await bodies(1));
    expect(await bodies(2)).not.toBe(await bodies(1));
    expect(await bodies(1, "globex")).not.toBe(await bodies(1));
  });

  test("live where it is said", async () => {
    const simulator = await start({ note: { count: 4, in: { person: "7" } } });
    const { note } = drive(crm, simulator);
    expect(await collect(note.in({ person: "7" }).list())).toHaveLength(4);
    expect(await collect(note.in({ person: "8" }).list())).toEqual([]);
    const elsewhere = await start({ note: 4 });
    expect(new Set(elsewhere.records("note").map(({ place }) => place["person"]))).toEqual(new Set(["demo-person"]));
    await expect(start({ persons: 4 })).rejects.toThrow('no resource "persons"');
  });

  test("are refused where none can be made up that fits", async () => {
    const odd = defineConnector({
      ...crm,
      resources: { odd: { path: "/odd", id: "id", schema: z.object({ id: z.number(), size: z.number().refine((size) => size === 0.5) }) } },
      simulator: {},
    });
    const attempt = simulate(odd, { accounts: { acme: { token } }, listen: false, records: { odd: 1 } });
    await expect(attempt).rejects.toThrow('cannot make up a "odd"');
  });
});

test("a reference to what is not declared is refused", async () => {
  const { person: declared, ...others } = crm.resources;
  expect(() =>
    defineConnector({ ...crm, resources: { ...others, person: { ...declared, references: { organization_id: "org" } } } }),
  ).toThrow('references.organization_id: found "org"');
  expect(await validate(declared.schema, {})).toHaveProperty("issues");
});
