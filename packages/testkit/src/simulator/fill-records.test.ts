import { Secret, defineConnector } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { simulate } from "./index.ts";

const person = z.object({ id: z.number(), email: z.email(), name: z.string().optional() });
const directory = defineConnector({
  id: "directory",
  title: "Directory",
  baseUrl: "https://directory.example",
  auth: { kind: "bearer" },
  resources: {
    person: {
      path: "/people",
      id: "id",
      schema: person,
      create: { input: person.omit({ id: true }), safety: { kind: "readBack", readBack: { by: "email" } } },
      find: { by: ["email"], style: { kind: "query" } },
    },
    note: { path: "/notes", id: "id", schema: z.object({ id: z.number() }), get: {} },
  },
});
const start = (records: Record<string, number>, seed = 1) =>
  simulate(directory, { listen: false, seed, records, accounts: { acme: { token: new Secret("t") }, globex: { token: new Secret("t") } } });

test("each account begins with so many records, which differ in what they are found by", async () => {
  await using simulator = await start({ person: 120 });
  const acme = simulator.records("person", "acme");
  expect(acme).toHaveLength(120);
  expect(simulator.records("person", "globex").map(({ body }) => body)).not.toEqual(acme.map(({ body }) => body));
  expect(new Set(acme.map(({ fields }) => fields["email"])).size).toBe(120);
  for (const { body } of acme) expect(person.safeParse(body).success).toBe(true);
  const times = acme.map(({ writes }) => writes[0]!.at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
});

test("another seed makes others", async () => {
  const emails = async (seed: number) => {
    await using simulator = await start({ person: 10 }, seed);
    return simulator.records("person", "acme").map(({ fields }) => fields["email"]);
  };
  expect(await emails(3)).toEqual(await emails(3));
  expect(await emails(3)).not.toEqual(await emails(4));
});

test("a resource that cannot be created is refused by name", async () => {
  await expect(start({ note: 1 })).rejects.toThrow('"note" that can be created');
  await expect(start({ people: 1 })).rejects.toThrow('"people"');
});
