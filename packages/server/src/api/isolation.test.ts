import fc from "fast-check";
import type { FastifyInstance, RouteOptions } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import { type Permission, type PermissionRow, permissions, type roles } from "../access/index.ts";
import type { Database } from "../db/index.ts";
import { adminToken, openServer, sale, store } from "./__fixtures__/api.ts";
import { keepFailures } from "./__fixtures__/attempts.ts";

/**
 * Every route × every role × ids of one's own tenant, of another's and of nobody's. Everything of the other tenant has a word in it that no answer to anybody else may have.
 */
const secretWord = "globex";

interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly permission: Permission;
}

interface Caller {
  readonly role: (typeof roles)[number];
  readonly tenant: string | undefined;
  readonly key: string;
}

interface Ids {
  readonly own: string;
  readonly foreign: string;
  readonly unknown: string;
}

let database: Database;
let server: FastifyInstance;
const routes: Route[] = [];
const callers: Caller[] = [];
/** What may stand in a path: whatever the parameter is called, each kind is tried. */
let kinds: Ids[];

async function send(
  key: string,
  { method, url }: Pick<Route, "method" | "url">,
  payload?: object,
): Promise<{ status: number; text: string }> {
  const answer = await server.inject({ method, url, headers: { authorization: `Bearer ${key}` }, ...(payload && { payload }) });
  return { status: answer.statusCode, text: answer.body };
}

async function makeKey(role: Caller["role"], tenant?: string): Promise<string> {
  const made = await send(adminToken, { method: "POST", url: "/v1/api-keys" }, { name: `${role} key`, role, ...(tenant && { tenant }) });
  expect(made.status).toBe(201);
  return (JSON.parse(made.text) as { key: string }).key;
}

const withId = (url: string, id: string): string => url.replaceAll(/:[A-Za-z]+|\*/g, encodeURIComponent(id));
const payloadOf = ({ method }: Route, tenant?: string): object | undefined =>
  method === "GET" || method === "DELETE"
    ? undefined
    : { ...(tenant && { tenant }), type: "contact.seen", id: "e", data: { id: "1" }, name: "n", role: "support" };
/** What was asked for may be said back, as a word of its own; nothing else may. */
const without = (text: string, said: string): string =>
  text.replaceAll(new RegExp(`(?<![\\w-])${said.replaceAll(/[^\w]/g, "\\$&")}(?![\\w-])`, "g"), "…");

beforeAll(async () => {
  database = await openFreshPostgres();
  server = openServer(database);
  server.addHook("onRoute", ({ method, url, config }: RouteOptions) => {
    for (const each of [method].flat())
      if (each !== "HEAD") routes.push({ method: each as Route["method"], url, permission: config!.permission! });
  });
  await server.ready();
  const ofGlobex = {
    tenant: secretWord,
    connection: "globex-shop",
    target: "globex-ledger",
    orderKey: "order-of-globex",
    eventKey: "event-of-globex",
  };
  const payload = new TextEncoder().encode(JSON.stringify({ note: "globex" }));
  await store(
    database,
    sale({ eventKey: "acme-1" }),
    { ...sale({ eventKey: "acme-2" }), code: "LEDGER_CLOSED", error: "acme" },
    { ...sale({ ...ofGlobex, payload }) },
    { ...sale({ ...ofGlobex, eventKey: "event-2-of-globex", payload }), code: "LEDGER_CLOSED", error: "globex has closed" },
  );
  const { rows } = await sql<{ tenant: string; id: number; dead: boolean }>`
    select tenant, id, false as dead from belay.message union all select tenant, id, true from belay.dead_letter
  `.execute(database.db);
  const idOf = (tenant: string, dead: boolean): string => String(rows.find((row) => row.tenant === tenant && row.dead === dead)!.id);
  await keepFailures(database, [
    {
      id: Number(idOf("acme", true)),
      attempts: 1,
      verdict: { kind: "dead", code: "LEDGER_CLOSED", error: "x" },
      statuses: [422],
      startedAtMs: Date.now(),
    },
  ]);
  kinds = [
    { own: idOf("acme", false), foreign: idOf(secretWord, false), unknown: "987654321" },
    { own: idOf("acme", true), foreign: idOf(secretWord, true), unknown: "987654321" },
    { own: "acme-shop", foreign: "globex-shop", unknown: "no-such-shop" },
    { own: "0123456789ab", foreign: "ba9876543210", unknown: "aaaaaaaaaaaa" },
  ];
  for (const role of ["admin", "engineer", "support"] as const) {
    callers.push({ role, tenant: undefined, key: await makeKey(role) });
    callers.push({ role, tenant: "acme", key: await makeKey(role, "acme") });
  }
  callers.push({ role: "tenant", tenant: "acme", key: await makeKey("tenant", "acme") });
});
afterAll(async () => {
  await server.close();
  await database.close();
});

function mayUse(role: Caller["role"], tenant: string | undefined, permission: Permission): boolean {
  const row: PermissionRow = permissions[permission];
  return row.roles.includes(role) && (tenant === undefined || row.of !== "installation");
}

/** Every route as everybody who is confined, with every kind of id in the path and every tenant in the query. */
function* attempts(): Generator<{ route: Route; caller: Caller; id: string; asked: string | undefined }> {
  for (const route of routes) {
    // Without a parameter all ids are the same.
    const ids = route.url.includes(":") ? kinds.flatMap(({ own, foreign, unknown }) => [own, foreign, unknown]) : ["-"];
    for (const caller of callers.filter(({ tenant }) => tenant !== undefined))
      for (const id of ids) for (const asked of [undefined, "acme", secretWord, "nobody"]) yield { route, caller, id, asked };
  }
}

describe("every route", () => {
  test("is one of the table, and there are as many as the API has", () => {
    expect(routes.length).toBeGreaterThan(20);
    expect(routes.filter(({ permission }) => !Object.hasOwn(permissions, permission))).toEqual([]);
  });

  test("lets in exactly the roles that the table of permissions names", async () => {
    const wrong: string[] = [];
    for (const route of routes) {
      for (const { role, tenant, key } of callers) {
        const { status } = await send(key, { ...route, url: withId(route.url, "987654321") }, payloadOf(route, tenant));
        const may = mayUse(role, tenant, route.permission);
        if ((status === 403) === may || status === 401 || status >= 500)
          wrong.push(`${route.method} ${route.url} as ${role} of ${tenant}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test("keeps the installation from whoever is confined to a tenant, and contents from a tenant's users", () => {
    const closed = (role: Caller["role"], tenant: string | undefined): string[] =>
      routes.filter(({ permission }) => !mayUse(role, tenant, permission)).map(({ method, url }) => `${method} ${url}`);
    expect(closed("admin", undefined)).toEqual([]);
    expect(closed("admin", "acme")).toEqual(
      expect.arrayContaining(["GET /v1/figures", "GET /v1/installation", "GET /v1/metrics", "GET /v1/audit", "POST /v1/api-keys"]),
    );
    expect(closed("tenant", "acme")).toEqual(
      expect.arrayContaining([
        "GET /v1/messages",
        "GET /v1/messages/:id",
        "GET /v1/stories",
        "GET /v1/dead-letters",
        "POST /v1/events",
        "GET /v1/stream",
      ]),
    );
    expect(closed("support", undefined)).toEqual(expect.arrayContaining(["POST /v1/events", "GET /v1/audit", "DELETE /v1/api-keys/:id"]));
  });

  test("tells whoever is confined nothing of another tenant, whatever is asked for, and changes nothing there", async () => {
    const leaks: string[] = [];
    const before = await stateOf(secretWord);
    for (const { route, caller, id, asked } of attempts()) {
      const query = new URLSearchParams({
        ...(asked !== undefined && { tenant: asked }),
        ...(route.url.endsWith("/stories") && { ref: "event-of-globex" }),
      });
      const url = `${withId(route.url, id)}?${query.toString()}`;
      const { status, text } = await send(caller.key, { ...route, url }, payloadOf(route, asked));
      // What was asked for is said back in quotes, or as a code of errors.
      const echoes = [`"${id}"`, `\\"${id}\\"`, `has an error ${id}.`, `tenant \\"${secretWord}\\"`];
      const said = echoes.reduce((left, echo) => left.replaceAll(echo, "…"), text);
      if (status >= 500 || said.includes(secretWord))
        leaks.push(`${route.method} ${url} as ${caller.role}: ${status} ${said.slice(0, 200)}`);
    }
    expect(leaks).toEqual([]);
    expect(await stateOf(secretWord)).toEqual(before);
  }, 240_000);

  test("answers what is somebody else's exactly as what does not exist", async () => {
    const differing: string[] = [];
    for (const route of routes) {
      for (const { role, tenant, key } of callers.filter((caller) => caller.tenant !== undefined)) {
        const compare = async (foreignUrl: string, unknownUrl: string, foreign: string, unknown: string): Promise<void> => {
          const one = await send(key, { ...route, url: foreignUrl }, payloadOf(route, "acme"));
          const other = await send(key, { ...route, url: unknownUrl }, payloadOf(route, "acme"));
          if (one.status !== other.status || without(one.text, foreign) !== without(other.text, unknown))
            differing.push(
              `${route.method} ${foreignUrl} as ${role} of ${tenant}: ${one.status} ${one.text} / ${other.status} ${other.text}`,
            );
        };
        if (route.url.includes(":"))
          for (const { foreign, unknown } of kinds)
            await compare(`${withId(route.url, foreign)}?tenant=acme`, `${withId(route.url, unknown)}?tenant=acme`, foreign, unknown);
        if (route.method === "GET")
          await compare(`${withId(route.url, "1")}?tenant=${secretWord}`, `${withId(route.url, "1")}?tenant=nobody`, secretWord, "nobody");
      }
    }
    // Times of the answer aside, which are none of anybody's.
    expect(differing.filter((line) => !/"now"/.test(line))).toEqual([]);
  });

  test("shows to those who may what these tests would notice as a leak", async () => {
    const engineer = callers.find(({ role, tenant }) => role === "engineer" && tenant === undefined)!;
    const confined = callers.find(({ role, tenant }) => role === "engineer" && tenant === "acme")!;
    const [{ own, foreign }] = kinds as [Ids];
    expect((await send(engineer.key, { method: "GET", url: `/v1/messages/${foreign}` })).text).toContain(secretWord);
    expect((await send(engineer.key, { method: "GET", url: "/v1/stories?ref=event-of-globex" })).text).toContain(
      `"tenant":"${secretWord}"`,
    );
    expect((await send(confined.key, { method: "GET", url: `/v1/messages/${own}` })).status).toBe(200);
    expect((await send(confined.key, { method: "GET", url: "/v1/messages" })).text).toContain('"tenant":"acme"');
    expect((await send(confined.key, { method: "GET", url: `/v1/messages/${foreign}` })).status).toBe(404);
  });

  test("answers made-up ids, cursors, queries and tokens, but never with a failure of its own", async () => {
    const word = fc.oneof(
      fc.string({ maxLength: 60, unit: "binary" }),
      fc.constantFrom("0", "-1", "1e99", "99999999999999999999", "NaN", "..", "%", "%00", "'", "\u0000", "[object Object]", "true", "null"),
      fc.base64String({ maxLength: 60 }),
      fc.nat().map((n) => Buffer.from(`below:${n}`).toString("base64url")),
      fc.nat().map((n) => Buffer.from(`after:${n}:${n}`).toString("base64url")),
      fc.nat().map((n) => Buffer.from(`key:${n}`).toString("base64url")),
    );
    const token = fc.oneof(
      fc.constantFrom(...callers.map(({ key }) => key)),
      fc.string({ maxLength: 100, unit: "grapheme-ascii" }).map((text) => text.replaceAll(/[^\u0020-\u007e]/g, "")),
      fc.stringMatching(/^belay_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/),
    );
    const names = [
      "tenant",
      "cursor",
      "limit",
      "ref",
      "since",
      "from",
      "to",
      "code",
      "flow",
      "mailbox",
      "state",
      "attempt",
      "type",
      "for",
      "exchanges",
    ];
    const query = fc.dictionary(fc.constantFrom(...names), word, { maxKeys: 4 });
    const failures: string[] = [];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...routes), word, query, token, async (route, id, asked, key) => {
        const url = `${withId(route.url, id)}?${new URLSearchParams(asked).toString()}`;
        const { status, text } = await send(key, { ...route, url }, payloadOf(route, id));
        if (status >= 500) failures.push(`${route.method} ${url}: ${status} ${text}`);
        const known = callers.some((caller) => caller.key === key);
        expect(known || status === 401 || status === 400 || status === 404).toBe(true);
      }),
      { numRuns: 400, seed: 7 },
    );
    expect(failures).toEqual([]);
  });
});

/** All that is stored of a tenant and that a request could change. */
async function stateOf(tenant: string): Promise<unknown> {
  const { rows } = await sql`
    select (select json_agg(m.id order by m.id) from belay.message m where tenant = ${tenant}) as messages,
      (select json_agg(d.id order by d.id) from belay.dead_letter d where tenant = ${tenant}) as letters,
      (select count(*)::integer from belay.event where tenant = ${tenant}) as events,
      (select count(*)::integer from belay.idempotency where tenant = ${tenant}) as keys
  `.execute(database.db);
  return rows[0];
}
