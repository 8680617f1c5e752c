import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases, openFreshPostgres } from "../../../../test/setup/database.ts";
import { type Database, type Db, openDatabase } from "../db/index.ts";
import { commitMessages, type NewDeadLetter, replayDeadLetters, sealWork } from "../mailbox/index.ts";
import { GroupCommit } from "../ingress/index.ts";
import { openMeasures } from "../measures/index.ts";
import { ReferenceWriter } from "../references/index.ts";
import { Counters, systemClock } from "../telemetry/index.ts";
import { catalog } from "./__fixtures__/api.ts";
import { apiErrors } from "./errors.ts";
import { createServer } from "./create-server.ts";
import { registerApi } from "./routes.ts";
import { accessOf } from "../../../../test/setup/access.ts";
import { connectingOf } from "../../../../test/setup/connecting.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const token = "the-token-of-the-administrator";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: Record<string, unknown>;
}

interface Api {
  readonly server: FastifyInstance;
  readonly counters: Counters;
  readonly readied: () => number;
  readonly call: (method: "GET" | "POST", url: string, headers?: Readonly<Record<string, string>>, payload?: string) => Promise<Answer>;
}

function startApi(database: Database): Api {
  let readied = 0;
  const server = createServer(silent);
  const connecting = connectingOf(database, catalog);
  const counters = new Counters();
  registerApi(server, {
    database,
    cipher: vaultOf(database.db),
    catalog,
    connecting: connecting.parts,
    credentials: connecting.credentials,
    commit: new GroupCommit(database.db, vaultOf(database.db), silent, { notify: false, onCommit: () => {} }),
    references: new ReferenceWriter(vaultOf(database.db)),
    clock: systemClock,
    counters,
    measures: openMeasures({
      db: database.db,
      clock: systemClock,
      random: Math.random,
      logger: silent,
      counters,
      connectorOf: () => undefined,
    }),
    traffic: { sync: () => Promise.resolve() },
    tracing: { random: () => 0.5, sampleShare: 0 },
    access: accessOf(database.db, token),
    replay: replayDeadLetters,
    threats: () => [],
    onReady: () => (readied += 1),
    onCommitted: () => {},
  });
  return {
    server,
    counters,
    readied: () => readied,
    call: async (method, url, headers = { authorization: `Bearer ${token}` }, payload = "") => {
      const answer = await server.inject({ method, url, headers, ...(payload === "" ? {} : { payload }) });
      return {
        status: answer.statusCode,
        type: String(answer.headers["content-type"]).split(";")[0]!,
        body: answer.body === "" ? {} : answer.json<Record<string, unknown>>(),
      };
    },
  };
}

function expectProblem({ status, type, body }: Answer, expected: number, code: string): void {
  expect([status, type]).toEqual([expected, "application/problem+json"]);
  expect(body).toEqual({
    type: `urn:belay:error:${code}`,
    title: expect.stringMatching(/\S/),
    status: expected,
    detail: expect.stringMatching(/\S/),
    code,
    class: apiErrors[code as keyof typeof apiErrors]?.class ?? expect.any(String),
    owner: expect.stringMatching(/^(engineer|operator|support)$/),
  });
}

describe.each(databases)("the API on $name", ({ open }) => {
  let database: Database;
  let db: Db;
  let api: Api;
  beforeAll(async () => {
    database = await open();
    db = database.db;
    api = startApi(database);
  });
  afterAll(async () => {
    await api.server.close();
    await database.close();
  });
  beforeEach(async () => {
    for (const table of ["mailbox", "message", "block", "dead_letter", "history"])
      await sql`delete from ${sql.table(`belay.${table}`)}`.execute(db);
  });

  async function bury(...letters: readonly Partial<NewDeadLetter>[]): Promise<number[]> {
    const whole = letters.map((letter, index): NewDeadLetter => ({
      tenant: "acme",
      target: "acme-desk",
      lane: "event",
      orderKey: `k${index}`,
      flow: "f",
      connection: "acme-shop",
      eventKey: `e${index}`,
      eventType: "x",
      version: null,
      payload: new TextEncoder().encode("{}"),
      trace: null,
      code: "REFUSED",
      error: "No.",
      ...letter,
    }));
    const sealed = await sealWork(vaultOf(db), [{ messages: [], quarantined: whole }]);
    await db.transaction().execute((tx) => commitMessages(tx, sealed));
    return (await sql<{ id: number }>`select id from belay.dead_letter order by id`.execute(db)).rows.map(({ id }) => id);
  }

  const stored = async (): Promise<{ letters: number; messages: number; discarded: number }> =>
    (
      await sql<{ letters: number; messages: number; discarded: number }>`
      select (select count(*)::integer from belay.dead_letter) as letters, (select count(*)::integer from belay.message) as messages,
        (select count(*)::integer from belay.history where outcome = 'discarded') as discarded`.execute(db)
    ).rows[0]!;

  test("lists dead letters a page at a time, and says where the next begins", async () => {
    const ids = await bury({}, {}, { tenant: "globex" }, { code: "OTHER" });
    const first = await api.call("GET", "/v1/dead-letters?limit=3");
    expect(first.body).toMatchObject({
      items: [{ id: ids[3], code: "OTHER" }, { id: ids[2], tenant: "globex" }, { id: ids[1] }],
      next: expect.any(String),
    });
    expect((await api.call("GET", `/v1/dead-letters?limit=3&cursor=${String(first.body["next"])}`)).body).toMatchObject({
      items: [{ id: ids[0] }],
      next: null,
    });
    expect((await api.call("GET", "/v1/dead-letters?tenant=globex")).body).toMatchObject({ items: [{ id: ids[2] }], next: null });
    expect((await api.call("GET", "/v1/dead-letters?tenant=acme&code=OTHER")).body).toMatchObject({ items: [{ id: ids[3] }] });
    expect((await api.call("GET", "/v1/dead-letters?tenant=nobody")).body).toEqual({ items: [], next: null });
  });

  test("replays once, and tells the workers", async () => {
    const [id] = await bury({});
    const before = api.readied();
    expect(await api.call("POST", `/v1/dead-letters/${id}/replay?tenant=acme`)).toMatchObject({ status: 200, body: { count: 1 } });
    expect(api.readied()).toBe(before + 1);
    expect(await stored()).toEqual({ letters: 0, messages: 1, discarded: 0 });
    expect((await api.call("POST", `/v1/dead-letters/${id}/replay?tenant=acme`)).body).toEqual({ count: 0 });
    expect((await api.call("POST", `/v1/dead-letters/${id}/discard?tenant=acme`)).body).toEqual({ count: 0 });
  });

  test("discards once", async () => {
    const [id] = await bury({});
    expect((await api.call("POST", `/v1/dead-letters/${id}/discard?tenant=acme`)).body).toEqual({ count: 1 });
    expect(await stored()).toEqual({ letters: 0, messages: 0, discarded: 1 });
    expect((await api.call("POST", `/v1/dead-letters/${id}/discard?tenant=acme`)).body).toEqual({ count: 0 });
  });

  test("touches nothing of another tenant", async () => {
    const [id] = await bury({});
    expect((await api.call("POST", `/v1/dead-letters/${id}/replay?tenant=globex`)).body).toEqual({ count: 0 });
    expect(await stored()).toEqual({ letters: 1, messages: 0, discarded: 0 });
  });

  test("counts what waits", async () => {
    const [id] = await bury({});
    await replayDeadLetters(db, [{ tenant: "acme", id: id! }]);
    api.counters.add("ingress.rejected.stale-timestamp", 3);
    expect(await api.call("GET", "/v1/figures")).toMatchObject({
      status: 200,
      body: { waiting: 1, received: 0, rejected: { "stale-timestamp": 3 } },
    });
  });

  test.each([
    "/v1/dead-letters?limit=0",
    "/v1/dead-letters?limit=501",
    "/v1/dead-letters?limit=ten",
    "/v1/dead-letters?limit=1.5",
    "/v1/dead-letters?cursor=0",
    "/v1/dead-letters?cursor=",
    "/v1/dead-letters?cursor=YmVsb3c6MA",
    "/v1/dead-letters?cursor=YmVsb3c6OTk5OTk5OTk5OTk5OTk5OTk5OTk",
    "/v1/dead-letters?tenant=",
    "/v1/dead-letters?tenant=a&tenant=b",
    "/v1/dead-letters?code=",
    "/v1/dead-letters?tenant=a%00b",
    "/v1/dead-letters?code=%00",
  ])("refuses GET %s", async (url) => {
    expectProblem(await api.call("GET", url), 400, "API_REQUEST_INVALID");
  });

  test.each([
    "/v1/dead-letters/abc/replay?tenant=acme",
    "/v1/dead-letters/0/replay?tenant=acme",
    "/v1/dead-letters/-1/discard?tenant=acme",
    "/v1/dead-letters/1.5/discard?tenant=acme",
    "/v1/dead-letters/99999999999999999999/replay?tenant=acme",
    "/v1/dead-letters/1/replay",
    "/v1/dead-letters/1/replay?tenant=",
    "/v1/dead-letters/1/discard?tenant=%00",
  ])("refuses POST %s", async (url) => {
    await bury({});
    expectProblem(await api.call("POST", url), 400, "API_REQUEST_INVALID");
    expect(await stored()).toEqual({ letters: 1, messages: 0, discarded: 0 });
  });

  test("refuses a body that is no JSON, and lets a text in a query be a text only", async () => {
    const authorization = `Bearer ${token}`;
    expectProblem(
      await api.call("POST", "/v1/dead-letters/1/replay?tenant=acme", { authorization, "content-type": "application/json" }, "{"),
      400,
      "API_REQUEST_INVALID",
    );
    expect((await api.call("GET", `/v1/dead-letters?tenant=${encodeURIComponent("' or true; --")}`)).body).toEqual({
      items: [],
      next: null,
    });
    expect((await api.call("GET", "/v1/dead-letters?tenant=%ff%fe")).status).toBeLessThan(500);
  });
});

describe("the API", () => {
  test("answers no route without the token, and none that it does not have", async () => {
    await using database = await openFreshPostgres();
    const { server, call } = startApi(database);
    const routes: [method: string, url: string][] = [];
    server.addHook("onRoute", ({ method, url }) => {
      for (const each of [method].flat()) routes.push([each, url]);
    });
    await server.ready();
    // Routes are registered when the server gets ready, so that the hook above sees every one: also those that are still to come.
    expect(routes.map((route) => route.join(" "))).toEqual(
      expect.arrayContaining([
        "GET /v1/figures",
        "GET /v1/dead-letters",
        "POST /v1/dead-letters/:id/replay",
        "POST /v1/dead-letters/:id/discard",
      ]),
    );
    const tokens = [
      undefined,
      "",
      "Bearer",
      "Bearer ",
      "Bearer wrong",
      `bearer ${token}`,
      `Basic ${token}`,
      token,
      `Bearer ${token}x`,
      `Bearer ${token.slice(0, -1)}`,
      `Bearer ${token}, Bearer ${token}`,
    ];
    for (const [method, url] of routes) {
      for (const authorization of tokens) {
        const answer = await server.inject({
          method: method as "GET",
          url: url.replace(":id", "1"),
          headers: authorization === undefined ? {} : { authorization },
        });
        expect(`${method} ${url} ${String(authorization)}: ${answer.statusCode}`).toBe(`${method} ${url} ${String(authorization)}: 401`);
      }
    }
    expectProblem(await call("GET", "/v1/dead-letters", {}), 401, "API_UNAUTHORIZED");
    expectProblem(await call("GET", "/v1/nothing"), 404, "API_NOT_FOUND");
    expectProblem(await call("GET", "/"), 404, "API_NOT_FOUND");
    await server.close();
  });

  test("says so when the database is away, and tells nothing else of the failure", async () => {
    await using nowhere = openDatabase({ kind: "postgres", url: "postgres://nobody:secret-password@127.0.0.1:1/none" });
    const { server, call } = startApi(nowhere);
    server.get("/broken", () => Promise.reject(new Error("inner workings")));
    for (const url of ["/v1/dead-letters", "/v1/figures"]) {
      const answer = await call("GET", url);
      expectProblem(answer, 503, "API_UNAVAILABLE");
      expect(JSON.stringify(answer.body)).not.toMatch(/127\.0\.0\.1|secret|ECONN/);
    }
    const broken = await call("GET", "/broken");
    expectProblem(broken, 500, "API_FAILED");
    expect(JSON.stringify(broken.body)).not.toContain("inner workings");
    await server.close();
  });
});
