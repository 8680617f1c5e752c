import { defineConnector } from "@belay/sdk";
import type { Versions } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { drive, steppingClock, token } from "./__fixtures__/drive.ts";
import { simulate } from "./index.ts";

const known = [{ version: "v1", sunset: "2026-03-02" }, { version: "v2" }] as const;
const schema = z.object({ id: z.number(), name: z.string() });
const create = { input: z.object({ name: z.string() }), safety: { kind: "natural" } } as const;

const byHeader = (use: string) =>
  defineConnector({
    id: "versioned",
    title: "Versioned",
    baseUrl: "https://versioned.example",
    auth: { kind: "bearer" },
    versions: { in: { header: "X-Version" }, use, known: [...known, { version: use }] },
    resources: { thing: { path: "/things", id: "id", schema, create, get: {} } },
    errors: [
      {
        status: 400,
        contains: "VersionSunset",
        code: "VERSIONED_SUNSET",
        class: "record-refused",
        retry: "never",
        meaning: "Use a newer one.",
        answers: ["version-sunset"],
      },
    ],
  });

const byPath = defineConnector({
  id: "versioned",
  title: "Versioned",
  baseUrl: "https://versioned.example",
  auth: { kind: "bearer" },
  versions: { in: "path", use: "v2", known },
  resources: {
    thing: { path: "/{version}/things", id: "id", schema, create, get: {} },
    part: { path: "/{version}/things/{thing}/parts", id: "id", schema, create, get: {} },
  },
});

const options = () => ({ accounts: { acme: { token } }, listen: false, clock: steppingClock(Date.UTC(2026, 2, 1)) }) as const;

test("the version that the contract speaks goes along with every request, in a header or in the path", async () => {
  const header = await simulate(byHeader("v2"), options());
  await drive(byHeader("v2"), header).thing.create({ name: "a" });
  expect(header.history()[0]?.headers).toMatchObject({ "x-version": "v2" });
  const path = await simulate(byPath, options());
  const client = drive(byPath, path);
  await client.thing.create({ name: "a" });
  await client.part.in({ thing: "1001" }).create({ name: "b" });
  expect(path.history().map((entry) => entry.path)).toEqual(["/v2/things", "/v2/things/1001/parts"]);
});

test("a version after its sunset, and one that the provider does not know, are refused as the provider does", async () => {
  const clock = steppingClock(Date.UTC(2026, 2, 1));
  const simulator = await simulate(byHeader("v1"), { ...options(), clock });
  const client = drive(byHeader("v1"), simulator, clock);
  await client.thing.create({ name: "a" });
  clock.advance(86_400_000);
  await expect(client.thing.get(1001)).rejects.toMatchObject({ code: "VERSIONED_SUNSET" });
  const asked = await simulator.fetch(`${simulator.url("acme")}/things/1001`, {
    headers: { authorization: "Bearer t-1", "x-version": "v9" },
  });
  expect([asked.status, await asked.json()]).toMatchObject([400, { error: "UnknownVersion" }]);
});

test("the same records are seen through every version of the API", async () => {
  const simulator = await simulate(byPath, options());
  await drive(byPath, simulator).thing.create({ name: "a" });
  const old = await simulator.fetch(`${simulator.url("acme")}/v1/things/1001`, { headers: { authorization: "Bearer t-1" } });
  expect(await old.json()).toEqual({ id: 1001, name: "a" });
});

test("versions that do not fit together are refused when they are declared", () => {
  const declare = (versions?: Versions) => () => defineConnector({ ...byPath, ...(versions && { versions }) });
  expect(declare({ in: "path", use: "v3", known })).toThrow("versions.use");
  expect(declare({ in: { header: "X-Version" }, use: "v2", known })).toThrow("{version}");
  expect(declare({ in: "path", use: "v2", known: [{ version: "v2", sunset: "soon" }] })).toThrow("sunset");
});
