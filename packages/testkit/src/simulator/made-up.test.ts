import { Secret, defineConnector } from "@belay/sdk";
import { expect, test } from "vitest";
import { z } from "zod";
import { simulate } from "./index.ts";

const input = z.strictObject({ title: z.string(), state: z.enum(["new", "done"]).optional() });
const schema = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(["new", "done"]),
  code: z.string().regex(/^\d{4}$/),
  note: z.string().optional(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});

const task = {
  path: "/tasks",
  id: "id",
  schema,
  create: { input, safety: { kind: "once" } },
  update: { input: input.partial(), method: "PATCH", safety: { kind: "natural" } },
  get: {},
} as const;

const connector = defineConnector({
  id: "tasks",
  title: "Tasks",
  baseUrl: "https://tasks.example",
  auth: { kind: "bearer" },
  resources: { task },
});

async function run(of: Parameters<typeof simulate>[0]) {
  let now = Date.UTC(2026, 2, 1);
  const clock = { now: () => now, wait: async (ms: number) => void (now += ms) };
  const simulator = await simulate(of, { accounts: { acme: { token: new Secret("t") } }, listen: false, clock });
  const send = async (method: string, path: string, body: object) => {
    const sent = { method, headers: { authorization: "Bearer t" }, body: JSON.stringify(body) };
    const response = await simulator.fetch(`${simulator.url("acme")}/tasks${path}`, sent);
    now += 60_000;
    return { status: response.status, body: JSON.parse(await response.text()) };
  };
  return { send, [Symbol.asyncDispose]: () => simulator.close() };
}

test("what a record must have and nobody sent is made up from its schema; what it may lack is left out", async () => {
  await using provider = await run(connector);
  const { status, body } = await provider.send("POST", "", { title: "Write" });
  expect(status).toBe(201);
  expect(body).toEqual({
    id: "1001",
    title: "Write",
    state: "new",
    code: expect.stringMatching(/^\d{4}$/),
    created_at: "2026-03-01T00:00:00.000Z",
    updated_at: "2026-03-01T00:00:00.000Z",
  });
});

test("it stays as it is, but for the time of the last change", async () => {
  await using provider = await run(connector);
  const created = await provider.send("POST", "", { title: "Write" });
  const updated = await provider.send("PATCH", "/1001", { state: "done" });
  expect(updated.body).toEqual({ ...created.body, state: "done", updated_at: "2026-03-01T00:01:00.000Z" });
});

test("where a connector says how its provider fills in, nothing is made up", async () => {
  const own = { ...connector, simulator: { resources: { task: { defaults: () => ({ state: "new" }) } } } };
  await using provider = await run(own);
  expect(await provider.send("POST", "", { title: "Write" })).toMatchObject({ status: 501, body: { error: "SimulatorIncomplete" } });
});
