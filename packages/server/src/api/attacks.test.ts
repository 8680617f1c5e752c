import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { adminToken, openServer } from "./__fixtures__/api.ts";

interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
  readonly headers: Record<string, unknown>;
}

describe("what a stranger, and somebody who was trusted with a little, tries at the API", () => {
  let database: Database;
  let server: FastifyInstance;
  beforeAll(async () => {
    database = await openFreshPostgres();
    server = openServer(database);
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });

  async function call(key: string, method: "GET" | "POST" | "DELETE", url: string, payload?: object): Promise<Told> {
    const headers = key === "" ? {} : { authorization: `Bearer ${key}` };
    const answer = await server.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>(), headers: answer.headers };
  }
  async function make(wish: object, maker = adminToken): Promise<{ key: string; id: string }> {
    const { status, body } = await call(maker, "POST", "/v1/api-keys", { name: "n", role: "admin", ...wish });
    expect(status).toBe(201);
    return { key: String(body["key"]), id: (body["apiKey"] as { id: string }).id };
  }

  test("a key that may make keys makes none that may do more than it, and gets hold of none by rotation", async () => {
    const few = await make({ permissions: ["keys.manage", "connections.read"] });
    const powerful = await make({});
    const denied = { status: 403, body: { code: "ACCESS_DENIED" } };
    for (const wish of [{ role: "admin" }, { role: "support" }, { role: "admin", permissions: ["keys.manage", "messages.read"] }])
      expect(await call(few.key, "POST", "/v1/api-keys", { name: "n", ...wish })).toMatchObject(denied);
    expect(await call(few.key, "POST", `/v1/api-keys/${powerful.id}/rotate`, {})).toMatchObject(denied);
    // It was not changed by that.
    expect((await call(powerful.key, "GET", "/v1/api-keys")).status).toBe(200);
    const child = await make({ permissions: ["keys.manage"] }, few.key);
    expect((await call(child.key, "POST", "/v1/api-keys", { name: "n", role: "admin", permissions: ["connections.read"] })).status).toBe(
      403,
    );
    expect((await call(few.key, "POST", `/v1/api-keys/${child.id}/rotate`, {})).status).toBe(201);
    // What a role does not have is no permission of its key, whatever its list says.
    await make({ role: "support", permissions: ["connections.read", "keys.manage"] }, few.key);
  });

  test("who is kept out stays in the audit log, whatever they write into their requests", async () => {
    const { key } = await make({ role: "support", tenant: "acme" });
    const before = await refusals();
    const lone = encodeURIComponent("x".repeat(299)) + encodeURIComponent("😀");
    await Promise.all(
      ["%00", "globex-shop", "%F0%9F%98%80"].flatMap((id) => [
        call(key, "GET", `/v1/connections/${id}?tenant=${id}`),
        call(key, "GET", `/v1/messages/${id}?tenant=globex&x=${lone}`),
        call(adminToken, "GET", `/v1/messages/${id}?tenant=${"x".repeat(199)}%F0%9F%98%80`),
        call(adminToken, "GET", `/v1/messages/1?tenant=%00${id}`),
      ]),
    );
    await expect.poll(async () => (await refusals()) - before, { timeout: 60_000 }).toBe(12);
  });

  async function refusals(): Promise<number> {
    const { rows } = await sql<{ count: number }>`
      select count(*)::integer as count from belay.audit_entry where outcome in ('refused', 'failed') and action <> 'refusals.omitted'
    `.execute(database.db);
    return rows[0]!.count;
  }

  test.each([
    "https://evil.example/",
    "https://app.example.evil.example/",
    "https://app.example@evil.example/",
    "https://user@app.example/",
    "https://app.example:8443/",
    "http://app.example/",
    "//app.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "blob:https://app.example/x",
    "ftp://app.example/",
    "https://xn--pp-8ja.example/",
    "https://app.example。evil.example/",
  ])("a link for connecting does not end at %s", async (returnUrl) => {
    const { status, body } = await call(adminToken, "POST", "/v1/connect-sessions", { tenant: "acme", connector: "ledger", returnUrl });
    expect(["CONNECT_RETURN_FORBIDDEN", "API_REQUEST_INVALID"]).toContain(body["code"]);
    expect(status).toBeLessThan(500);
  });

  test("a link that is given again to whoever asks again is nowhere in the database in the open", async () => {
    const payload = { tenant: "initech", connector: "ledger", returnUrl: "https://app.example/done" };
    const ask = async (): Promise<string> => {
      const headers = { authorization: `Bearer ${adminToken}`, "idempotency-key": "one-link" };
      const answer = await server.inject({ method: "POST", url: "/v1/connect-sessions", headers, payload });
      return String(answer.json<{ url: string }>().url);
    };
    const url = await ask();
    expect(await ask()).toBe(url);
    const token = /[\w-]{43}$/.exec(url)![0];
    const { rows } = await sql<{ row: string }>`
      select i::text as row from belay.idempotency i union all select s::text from belay.connect_session s
    `.execute(database.db);
    expect(rows.length).toBeGreaterThan(1);
    expect(rows.map(({ row }) => row).join()).not.toContain(token);
  });

  test("the audit log is not changed by SQL without anybody having to lift its guard first", async () => {
    await make({});
    for (const statement of [
      sql`update belay.audit_entry set actor = 'nobody'`,
      sql`delete from belay.audit_entry`,
      sql`truncate belay.audit_entry`,
      sql`update belay.audit_entry set hash = previous where number = 1`,
    ])
      await expect(statement.execute(database.db)).rejects.toThrow("only added to");
  });

  test("answers to nobody are framed by nobody, kept by nobody, and set no cookie", async () => {
    const { status, headers } = await call("", "GET", "/v1/connections");
    expect(status).toBe(401);
    expect(headers).toMatchObject({
      "x-frame-options": "DENY",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    });
    for (const name of ["set-cookie", "access-control-allow-origin", "server", "x-powered-by"]) expect(headers).not.toHaveProperty(name);
  });

  test("a key with one letter changed, one of nobody's and one that was revoked take the same answer", async () => {
    const { key, id } = await make({});
    const changed = `${key.slice(0, -1)}${key.endsWith("A") ? "B" : "A"}`;
    const nobodys = `belay_000000000000_${"A".repeat(43)}`;
    const answers = [await call(changed, "GET", "/v1/session"), await call(nobodys, "GET", "/v1/session")];
    await call(adminToken, "DELETE", `/v1/api-keys/${id}`);
    answers.push(await call(key, "GET", "/v1/session"), await call("no key at all", "GET", "/v1/session"));
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
    expect(answers[0]!.status).toBe(401);
  });
});
