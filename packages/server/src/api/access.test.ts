import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { adminToken, openServer, sale, store } from "./__fixtures__/api.ts";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly outcome: string;
  readonly tenant: string;
  readonly status: number;
}

async function call(
  server: FastifyInstance,
  key: string | undefined,
  method: "GET" | "POST" | "DELETE",
  url: string,
  payload?: object,
): Promise<Answer> {
  const headers = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const answer = await server.inject({ method, url, headers, ...(payload && { payload }) });
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

describe.each(databases)("access on $name", ({ open }) => {
  let database: Database;
  let server: FastifyInstance;
  beforeAll(async () => {
    database = await open();
    server = openServer(database);
    await store(database, sale());
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  const asAdmin = async (method: "GET" | "POST" | "DELETE", url: string, payload?: object): Promise<Answer> =>
    await call(server, adminToken, method, url, payload);
  const make = async (wish: object): Promise<{ key: string; id: string }> => {
    const { status, body } = await asAdmin("POST", "/v1/api-keys", { name: "n", role: "engineer", ...wish });
    expect(status).toBe(201);
    return { key: String(body["key"]), id: (body["apiKey"] as { id: string }).id };
  };
  const entries = async (): Promise<Entry[]> => (await asAdmin("GET", "/v1/audit?limit=500")).body["items"] as Entry[];

  test("a key does what its role may, is shown once, and only its hash is kept", async () => {
    const { key, id } = await make({ role: "support" });
    expect((await call(server, key, "GET", "/v1/messages")).status).toBe(200);
    expect((await call(server, key, "POST", "/v1/events", {})).status).toBe(403);
    const listed = JSON.stringify((await asAdmin("GET", "/v1/api-keys")).body);
    expect(listed).toContain(id);
    expect(listed).not.toContain(key.slice(19));
    const { rows } = await sql<{ row: string }>`select k::text as row from belay.api_key k`.execute(database.db);
    expect(rows.map(({ row }) => row).join()).not.toContain(key.slice(19));
  });

  test("a key of fewer permissions, of one tenant, or past its time does no more than that", async () => {
    const few = await make({ permissions: ["connections.read"] });
    expect((await call(server, few.key, "GET", "/v1/connections")).status).toBe(200);
    expect((await call(server, few.key, "GET", "/v1/messages")).status).toBe(403);
    const ofAcme = await make({ tenant: "acme" });
    const { body } = await call(server, ofAcme.key, "GET", "/v1/connections");
    expect((body["items"] as { tenant: string }[]).map(({ tenant }) => tenant)).toEqual(["acme", "acme"]);
    expect((await call(server, ofAcme.key, "GET", "/v1/figures")).status).toBe(403);
    const refused = await asAdmin("POST", "/v1/api-keys", { name: "n", role: "tenant" });
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining("tenant") } });
  });

  test("two keys work while one is being replaced; a revoked one works no more", async () => {
    const old = await make({ tenant: "acme", permissions: ["connections.read"] });
    const { status, body } = await asAdmin("POST", `/v1/api-keys/${old.id}/rotate`, { overlapHours: 1 });
    const next = String(body["key"]);
    expect([status, body["apiKey"]]).toMatchObject([201, { tenant: "acme", role: "engineer", permissions: ["connections.read"] }]);
    expect((await call(server, old.key, "GET", "/v1/connections")).status).toBe(200);
    expect((await call(server, next, "GET", "/v1/connections")).status).toBe(200);
    expect((await asAdmin("DELETE", `/v1/api-keys/${old.id}`)).status).toBe(200);
    expect((await asAdmin("DELETE", `/v1/api-keys/${old.id}`)).status).toBe(200);
    expect((await call(server, old.key, "GET", "/v1/connections")).status).toBe(401);
    expect((await call(server, next, "GET", "/v1/connections")).status).toBe(200);
    expect((await asAdmin("POST", `/v1/api-keys/${old.id}/rotate`, {})).status).toBe(404);
    const other = await make({});
    await asAdmin("POST", `/v1/api-keys/${other.id}/rotate`, { overlapHours: 0 });
    expect((await call(server, other.key, "GET", "/v1/connections")).status).toBe(401);
  });

  test("tells in the audit log who read, who changed and who was kept out", async () => {
    const { key, id } = await make({ role: "support", tenant: "acme" });
    const [message] = (await call(server, key, "GET", "/v1/messages")).body["items"] as { id: number }[];
    await call(server, key, "GET", `/v1/messages/${message!.id}`);
    await call(server, key, "GET", "/v1/messages?tenant=globex");
    await call(server, key, "GET", "/v1/figures");
    await call(server, "belay_000000000000_wrong", "GET", "/v1/messages?tenant=a-word-of-the-stranger");
    await call(server, key, "GET", "/v1/connections");
    const actor = `key:${id}`;
    await expect
      .poll(async () => (await entries()).filter((entry) => entry.actor === actor || entry.actor === "nobody").slice(-5))
      .toMatchObject([
        { actor, action: "messages.read", outcome: "read", tenant: "acme", status: 200 },
        { actor, action: "messages.read", outcome: "read", tenant: "acme", object: `id=${message!.id}` },
        { actor, action: "messages.read", outcome: "refused", status: 404 },
        { actor, action: "installation.read", outcome: "refused", status: 403 },
        { actor: "nobody", action: "messages.read", outcome: "refused", status: 401, object: "" },
      ]);
    const all = await entries();
    expect(JSON.stringify(all)).not.toContain("a-word-of-the-stranger");
    expect(all).toContainEqual(expect.objectContaining({ actor: "admin", action: "keys.manage", outcome: "done", object: `id=${id}` }));
  });

  test("names whose story a search has shown", async () => {
    const found = await asAdmin("GET", "/v1/stories?ref=e-1");
    const [item] = found.body["items"] as { message: { id: number } }[];
    expect((await entries()).filter(({ object }) => object === `found=${item!.message.id}`)).toHaveLength(1);
  });

  test("gives the audit log a page at a time, with addresses in the clear only on demand", async () => {
    const first = (await asAdmin("GET", "/v1/audit?limit=2")).body;
    expect((first["items"] as { number: number }[]).map(({ number }) => number)).toEqual([1, 2]);
    const second = (await asAdmin("GET", `/v1/audit?limit=2&addresses=clear&cursor=${String(first["next"])}`)).body;
    expect(second["items"]).toMatchObject([
      { number: 3, from: "127.0.0.1" },
      { number: 4, from: "127.0.0.1" },
    ]);
    expect(JSON.stringify(first)).not.toContain("127.0.0.1");
    expect((await asAdmin("GET", `/v1/audit?from=2200-01-01T00:00:00Z`)).body["items"]).toEqual([]);
  });
});

test("nothing is shown that cannot be written down", async () => {
  await using database = await openFreshPostgres();
  const server = openServer(database);
  await store(database, sale());
  await sql`alter table belay.audit_entry rename to audit_away`.execute(database.db);
  const answer = await call(server, adminToken, "GET", "/v1/messages");
  expect([answer.status, JSON.stringify(answer.body).includes("acme")]).toEqual([503, false]);
  expect(answer.body).toMatchObject({ code: "AUDIT_UNWRITTEN" });
  // What is not audited goes on.
  expect((await call(server, adminToken, "GET", "/v1/connections")).status).toBe(200);
  const made = await call(server, adminToken, "POST", "/v1/api-keys", { name: "n", role: "admin" });
  expect(made.status).toBeGreaterThanOrEqual(500);
  expect((await sql`select 1 from belay.api_key`.execute(database.db)).rows).toEqual([]);
  await server.close();
});
