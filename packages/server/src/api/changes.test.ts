import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { appendChanges } from "../feed/index.ts";
import { adminToken, openServer } from "./__fixtures__/api.ts";

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

describe.each(databases)("changes over the API on $name", ({ open }) => {
  let database: Database;
  let server: ReturnType<typeof openServer>;
  let acmesKey: string;

  const call = async (method: "GET" | "POST" | "PUT" | "DELETE", url: string, payload?: object, key = adminToken): Promise<Answer> => {
    const answer = await server.inject({
      method,
      url: `/v1${url}`,
      headers: { authorization: `Bearer ${key}` },
      ...(payload && { payload }),
    });
    return { status: answer.statusCode, body: JSON.parse(answer.body) as Answer["body"] };
  };
  const append = async (tenant: string, ...records: readonly string[]): Promise<void> => {
    const changes = records.map((record) => ({ model: "contact", record, kind: "created" as const }));
    await database.db.transaction().execute(async (tx) => appendChanges(tx, tenant, changes));
  };
  const recordsOf = ({ body }: Answer): string[] =>
    (body["items"] as { tenant: string; record: string }[]).map((one) => `${one.tenant}/${one.record}`);

  beforeAll(async () => {
    database = await open();
    server = openServer(database);
    await server.ready();
    acmesKey = (await call("POST", "/api-keys", { name: "acme", role: "tenant", tenant: "acme" })).body["key"] as string;
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });
  beforeEach(() => sql`truncate belay.feed, belay.change, belay.feed_consumer, belay.feed_cursor`.execute(database.db));

  test("are defined for, read, acknowledged, rewound", async () => {
    await append("acme", "a", "b");
    expect(await call("PUT", "/changes/consumers/app", { from: "start", models: ["contact"] })).toEqual({
      status: 200,
      body: { count: 1, unknownModels: ["contact"] },
    });
    const read = await call("GET", "/changes?consumer=app");
    expect(recordsOf(read)).toEqual(["acme/a", "acme/b"]);
    const done = await call("POST", "/changes/acknowledge", { consumer: "app", batch: read.body["batch"] });
    expect(done).toEqual({ status: 200, body: { positions: [{ tenant: "acme", position: 2 }], lost: 0 } });
    expect((await call("GET", "/changes?consumer=app")).body).toEqual({ items: [], batch: null, newestOnly: [] });
    expect((await call("GET", "/changes/consumers")).body["items"]).toMatchObject([{ name: "app", behind: 0, models: ["contact"] }]);
    expect((await call("POST", "/changes/consumers/app/rewind", { to: { position: 1 } })).status).toBe(400);
    expect((await call("POST", "/changes/consumers/app/rewind", { to: { position: 1 }, feed: "acme" })).body).toEqual({ count: 1 });
    expect(recordsOf(await call("GET", "/changes?consumer=app"))).toEqual(["acme/b"]);
    expect((await call("DELETE", "/changes/consumers/app")).status).toBe(200);
    expect((await call("GET", "/changes?consumer=app")).body).toMatchObject({ status: 404, code: "FEED_CONSUMER_UNKNOWN" });
  });

  test("a tenant's key reads its own changes with consumers of its own, and knows nothing of the installation's", async () => {
    await append("acme", "a");
    await append("globex", "g");
    await call("PUT", "/changes/consumers/app", { from: "start" });
    expect((await call("GET", "/changes?consumer=app", undefined, acmesKey)).body).toMatchObject({ code: "FEED_CONSUMER_UNKNOWN" });
    await call("PUT", "/changes/consumers/app", { from: "start" }, acmesKey);
    expect((await call("GET", "/changes?consumer=app&tenant=globex", undefined, acmesKey)).status).toBe(404);
    expect(recordsOf(await call("GET", "/changes?consumer=app", undefined, acmesKey))).toEqual(["acme/a"]);
    const all = await call("GET", "/changes?consumer=app");
    expect(recordsOf(all)).toEqual(["acme/a", "globex/g"]);
    const stolen = await call("POST", "/changes/acknowledge", { consumer: "app", batch: all.body["batch"] }, acmesKey);
    expect(stolen.body).toMatchObject({ status: 409, code: "FEED_LEASE_LOST" });
  });

  test("who waits is answered as soon as something comes, and with nothing when nothing does", async () => {
    await call("PUT", "/changes/consumers/app", { from: "start" });
    const waiting = call("GET", "/changes?consumer=app&wait=20s");
    await append("acme", "a");
    expect(recordsOf(await waiting)).toEqual(["acme/a"]);
    expect((await call("GET", "/changes?consumer=app&wait=1s")).body["batch"]).toBeNull();
    expect((await call("GET", "/changes?consumer=app&wait=21s")).status).toBe(400);
  });

  test.each(["limit=0", "limit=1001", "lease=0", "lease=3601", "wait=1h", "limit=x"])("refuses %s", async (query) => {
    await call("PUT", "/changes/consumers/app", { from: "start" });
    expect((await call("GET", `/changes?consumer=app&${query}`)).body).toMatchObject({ code: "API_REQUEST_INVALID" });
  });
});
