import Fastify, { type FastifyInstance } from "fastify";
import { sql } from "kysely";
import { OAuth2Server } from "oauth2-mock-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { openAudit, readEntries } from "../audit/index.ts";
import type { Database } from "../db/index.ts";
import { systemClock } from "../telemetry/index.ts";
import { guardRoutes } from "./guard-routes.ts";
import type { OidcOptions } from "./oidc.ts";
import { type Access, openAccess } from "./open-access.ts";
import { signInPage } from "./pages.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const adminToken = "the-token-of-the-administrator";
const host = "belay.example:4000";
const origin = `http://${host}`;
const password = "correct horse battery";

interface Served {
  readonly server: FastifyInstance;
  readonly access: Access;
}

function serve({ db }: Database, more: { oidc?: OidcOptions; secure?: boolean; publicUrl?: string } = {}): Served {
  const audit = openAudit({ db, seal: vaultOf(db).seal, clock: systemClock, logger: silent });
  const access = openAccess({ db, audit, cipher: vaultOf(db), clock: systemClock, logger: silent, adminToken, secure: false, ...more });
  const server = Fastify();
  server.setErrorHandler(async (error, _request, reply) => {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    return await reply.code({ ACCESS_FORGED: 403, ACCESS_DENIED: 403, API_UNAUTHORIZED: 401 }[code] ?? 500).send({ code });
  });
  access.registerPages(server);
  server.register(async (scope) => {
    guardRoutes(scope, { ...access, tenantOfConnection: () => undefined });
    scope.get("/v1/who", { config: { permission: "session.own" } }, (request) => ({
      ...request.principal,
      antiForgery: access.antiForgeryOf(request) ?? null,
    }));
    scope.post("/v1/change", { config: { permission: "session.own" } }, () => ({ changed: true }));
    scope.delete("/v1/session", { config: { permission: "session.own" } }, async (request) => ({ cookie: await access.signOut(request) }));
    scope.get("/v1/proxied", { config: { permission: "proxy.call", connectionIn: "x" } }, () => ({}));
  });
  return { server, access };
}

async function post(server: FastifyInstance, url: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  const answer = await server.inject({
    method: "POST",
    url,
    headers: { host, origin, "content-type": "application/x-www-form-urlencoded", ...headers },
    payload: new URLSearchParams(form).toString(),
  });
  const [cookie = ""] = [answer.headers["set-cookie"] ?? ""].flat();
  return { status: answer.statusCode, location: answer.headers.location, cookie, value: cookie.split(";")[0]!, body: answer.body };
}

const tokenOf = (path: string | undefined): string => new URL(path ?? "", origin).searchParams.get("token") ?? "";

describe.each(databases)("signing in on $name", ({ open }) => {
  let database: Database;
  let server: FastifyInstance;
  let access: Access;
  let token: string;
  beforeAll(async () => {
    database = await open();
    ({ server, access } = serve(database));
    token = tokenOf(await access.setUpPath());
  });
  afterAll(async () => {
    await server.close();
    await access.audit.close();
    await database.close();
  });

  const who = async (cookie: string): Promise<{ status: number; body: Record<string, unknown> }> => {
    const answer = await server.inject({ url: "/v1/who", headers: { host, cookie } });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };

  test("the first administrator is made once, by the link, with a password that is kept as a hash", async () => {
    const form = { token, name: "Ada@Example.com", password };
    expect((await post(server, "/set-up", { ...form, token: "wrong" })).location).toContain("ACCESS_SET_UP_OVER");
    expect((await post(server, "/set-up", { ...form, password: "short" })).location).toContain("ACCESS_PASSWORD_WEAK");
    const made = await Promise.all([post(server, "/set-up", form), post(server, "/set-up", { ...form, name: "eve@example.com" })]);
    expect(made.filter(({ cookie }) => cookie !== "")).toHaveLength(1);
    expect(await access.setUpPath()).toBeUndefined();
    expect((await post(server, "/set-up", form)).location).toContain("ACCESS_SET_UP_OVER");
    const { rows } = await sql<{ row: string }>`select o::text as row from belay.operator o`.execute(database.db);
    expect(rows).toHaveLength(1);
    expect(rows[0]!.row).not.toMatch(/correct|example/i);
    await sql`delete from belay.operator_session`.execute(database.db);
    await sql`delete from belay.operator`.execute(database.db);
    expect((await post(server, "/set-up", form)).status).toBe(303);
  });

  test("a cookie is for this host and for no script, and each sign-in has one of its own", async () => {
    const first = await post(server, "/sign-in", { name: "ada@example.com", password });
    expect(first.cookie).toMatch(/^belay=[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(await who(first.value)).toMatchObject({ status: 200, body: { kind: "operator", role: "admin" } });
    const second = await post(server, "/sign-in", { name: "ada@example.com", password }, { cookie: first.value });
    expect(second.value).not.toBe(first.value);
    expect((await who(first.value)).status).toBe(401);
    expect((await who(second.value)).status).toBe(200);
    const page = await server.inject({ url: "/sign-in", headers: { host, cookie: second.value } });
    expect(page.body).toContain("Sign out");
    const { body } = await who(second.value);
    expect((await post(server, "/sign-out", { token: "wrong" }, { cookie: second.value })).status).toBe(303);
    expect((await who(second.value)).status).toBe(200);
    await post(server, "/sign-out", { token: String(body["antiForgery"]) }, { cookie: second.value });
    expect((await who(second.value)).status).toBe(401);
    const { rows } = await sql<{ row: string }>`select s::text as row from belay.operator_session s`.execute(database.db);
    expect(rows.map(({ row }) => row).join()).not.toContain(second.value.slice(6));
  });

  test("what changes something needs our own page: its origin and its token", async () => {
    const { value: cookie } = await post(server, "/sign-in", { name: "ada@example.com", password });
    const own = String((await who(cookie)).body["antiForgery"]);
    const change = async (headers: Record<string, string>): Promise<number> =>
      (await server.inject({ method: "POST", url: "/v1/change", headers: { host, cookie, ...headers } })).statusCode;
    expect(await change({ origin, "x-anti-forgery": own })).toBe(200);
    expect(await change({ origin })).toBe(403);
    expect(await change({ origin: "https://evil.example", "x-anti-forgery": own })).toBe(403);
    expect(await change({ "x-anti-forgery": own })).toBe(403);
    expect(await change({ "sec-fetch-site": "same-origin", "x-anti-forgery": own })).toBe(200);
    expect((await post(server, "/sign-in", { name: "ada@example.com", password }, { origin: "null" })).status).toBe(403);
    // A browser shows what a provider answers as if it were ours.
    expect((await server.inject({ url: "/v1/proxied", headers: { host, cookie } })).statusCode).toBe(403);
  });

  test("a session ends when it was idle for half an hour, or is twelve hours old, or its operator is barred", async () => {
    for (const statement of [
      sql`update belay.operator_session set seen_at = belay.now() - interval '31 minutes'`,
      sql`update belay.operator_session set expires_at = belay.now() - interval '1 second'`,
      sql`update belay.operator set barred_at = belay.now()`,
    ]) {
      const { value } = await post(server, "/sign-in", { name: "ada@example.com", password });
      await statement.execute(database.db);
      expect((await who(value)).status).toBe(401);
    }
    const barred = await post(server, "/sign-in", { name: "ada@example.com", password });
    expect([barred.cookie, barred.location]).toEqual(["", "/sign-in?problem=ACCESS_SIGN_IN_REFUSED"]);
    await sql`update belay.operator set barred_at = null`.execute(database.db);
  });

  test("wrong names and wrong passwords are one answer, and after five an attempt has to wait", async () => {
    await sql`delete from belay.sign_in_failure`.execute(database.db);
    const [wrongName, wrongPassword] = [
      await post(server, "/sign-in", { name: "nobody@example.com", password }),
      await post(server, "/sign-in", { name: "ada@example.com", password: "wrong" }),
    ];
    expect(wrongName).toEqual(wrongPassword);
    for (let attempt = 0; attempt < 3; attempt += 1) await post(server, "/sign-in", { name: "ada@example.com", password: "wrong" });
    await sql`update belay.sign_in_failure set failures = 12, failed_at = belay.now() - interval '50 seconds'`.execute(database.db);
    const throttled = await post(server, "/sign-in", { name: "ada@example.com", password });
    expect([throttled.cookie, throttled.location]).toEqual(["", "/sign-in?problem=ACCESS_SIGN_IN_THROTTLED"]);
    await sql`update belay.sign_in_failure set failed_at = belay.now() - interval '61 seconds'`.execute(database.db);
    expect((await post(server, "/sign-in", { name: "ada@example.com", password })).cookie).not.toBe("");
    // That of the name that nobody has.
    expect((await sql`select 1 from belay.sign_in_failure`.execute(database.db)).rows).toHaveLength(1);
  });

  test("every sign-in is in the audit log, and every refused one", async () => {
    await access.audit.close();
    const entries = await readEntries(database.db, {}, 1_000);
    const told = new Set(entries.map(({ action, outcome, code }) => `${action} ${outcome} ${code}`.trim()));
    expect([...told]).toEqual(
      expect.arrayContaining([
        "set-up done",
        "set-up refused ACCESS_SET_UP_OVER",
        "sign-in done",
        "sign-in refused ACCESS_SIGN_IN_REFUSED",
        "sign-in refused ACCESS_SIGN_IN_THROTTLED",
      ]),
    );
    expect(JSON.stringify(entries)).not.toMatch(/@|example\.com/i);
  });
});

test("pages have no scripts, are framed by nobody, and say nothing that a link puts into them", async () => {
  await using database = await openFreshPostgres();
  const { server } = serve(database, { secure: true, publicUrl: "https://belay.example" });
  const page = await server.inject({ url: "/sign-in?problem=<script>alert(1)</script>" });
  expect(page.body).not.toMatch(/<script|alert/);
  expect(page.headers).toMatchObject({
    "content-security-policy": expect.stringMatching(/^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "strict-transport-security": "max-age=31536000",
    "referrer-policy": "same-origin",
  });
  expect((await server.inject({ url: `/set-up?token=${encodeURIComponent('"><img src=x>')}` })).body).not.toContain("<img");
  expect(signInPage({ problem: "<b>", oidc: false })).toContain("&lt;b&gt;");
  await server.close();
});

describe("signing in by an identity provider", () => {
  let provider: OAuth2Server;
  let database: Database;
  let server: FastifyInstance;
  let groups: string[] = [];
  beforeAll(async () => {
    provider = new OAuth2Server();
    await provider.issuer.keys.generate("RS256");
    await provider.start(0, "127.0.0.1");
    provider.service.on("beforeTokenSigning", (token: { payload: Record<string, unknown> }) => {
      Object.assign(token.payload, { groups, email: "grace@example.com", sub: "grace" });
    });
    database = await openFreshPostgres();
    const issuer = provider.issuer.url!;
    ({ server } = serve(database, {
      publicUrl: "https://belay.example",
      secure: true,
      oidc: { issuer, clientId: "belay", clientSecret: "secret", roles: { admin: ["belay-admins"], engineer: ["developers"] } },
    }));
  });
  afterAll(async () => {
    await server.close();
    await provider.stop();
    await database.close();
  });

  interface Attempt {
    readonly callback: URL;
    readonly cookie: string;
  }

  /** As a browser does: to the provider, and back to where the provider sends it. */
  async function visitProvider(): Promise<Attempt> {
    const begun = await server.inject({ url: "/sign-in/oidc" });
    const [cookie = ""] = [begun.headers["set-cookie"] ?? ""].flat();
    expect(cookie).toMatch(/^__Host-belay-attempt=.*; Path=\/; HttpOnly; SameSite=Lax; Secure$/);
    const answer = await fetch(String(begun.headers.location), { redirect: "manual" });
    return { callback: new URL(answer.headers.get("location")!), cookie: cookie.split(";")[0]! };
  }
  const comeBack = async ({ callback, cookie }: Attempt): Promise<{ location: string; session: string }> => {
    const answer = await server.inject({ url: callback.pathname + callback.search, headers: { cookie } });
    const set = [answer.headers["set-cookie"] ?? []].flat().filter((each) => each.startsWith("__Host-belay="));
    return { location: String(answer.headers.location), session: (set[0] ?? "").split(";")[0]! };
  };

  test("gives the role that the groups say now, and the same operator every time", async () => {
    const seen: unknown[] = [];
    for (groups of [["developers"], ["developers", "belay-admins"]]) {
      const { session } = await comeBack(await visitProvider());
      const answer = await server.inject({ url: "/v1/who", headers: { cookie: session } });
      seen.push(answer.json());
    }
    const [first, second] = seen as { role: string; id: string }[];
    expect([first!.role, second!.role]).toEqual(["engineer", "admin"]);
    expect(first!.id).toBe(second!.id);
  });

  test("lets nobody in without a group, with another's state, without the cookie, or twice with one code", async () => {
    groups = ["visitors"];
    expect(await comeBack(await visitProvider())).toEqual({ location: "/sign-in?problem=ACCESS_ROLE_MISSING", session: "" });
    groups = ["developers"];
    const [one, other] = [await visitProvider(), await visitProvider()];
    const failed = { location: "/sign-in?problem=ACCESS_PROVIDER_FAILED", session: "" };
    expect(await comeBack({ ...one, cookie: other.cookie })).toEqual(failed);
    expect(await comeBack({ ...one, cookie: "" })).toEqual(failed);
    expect(await comeBack({ ...one, cookie: "__Host-belay-attempt=bm9uc2Vuc2U" })).toEqual(failed);
    const wrongState = new URL(one.callback);
    wrongState.searchParams.set("state", "another");
    expect(await comeBack({ ...one, callback: wrongState })).toEqual(failed);
    const refused = new URL(one.callback);
    refused.search = `?error=access_denied&state=${one.callback.searchParams.get("state")}`;
    expect(await comeBack({ ...one, callback: refused })).toEqual(failed);
  });
});
