import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { type Api, openApi, sale, store } from "./__fixtures__/api.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("the host application on $name", ({ open }) => {
  let database: Database;
  let api: Api;
  beforeAll(async () => {
    database = await open();
    api = openApi(database);
  });
  afterAll(async () => {
    await api[Symbol.asyncDispose]();
    await database.close();
  });
  beforeEach(async () => {
    for (const table of ["mailbox", "message", "block", "dead_letter", "history", "dedupe", "idempotency"])
      await sql`delete from ${sql.table(`belay.${table}`)}`.execute(database.db);
  });

  const contact = { tenant: "acme", type: "contact.changed", id: "c-1", data: { id: "7", email: "ada@acme.example" } };
  const messages = async (): Promise<unknown> => (await api.get("/v1/messages")).body["items"];

  test("emits an event, which waits for its flow in order with its entity", async () => {
    expect(await api.post("/v1/events", contact)).toEqual({ status: 202, body: { outcome: "accepted" } });
    expect(await messages()).toMatchObject([
      {
        tenant: "acme",
        state: "waiting",
        mailbox: "acme-ledger/event",
        flow: "contacts",
        connection: "app",
        orderKey: "app/7",
        eventKey: "c-1",
      },
    ]);
  });

  test("emits it again, under the same id or the same key, and nothing more happens", async () => {
    await api.post("/v1/events", contact);
    expect((await api.post("/v1/events", contact)).body).toEqual({ outcome: "duplicate" });
    const { id: _id, ...unnamed } = contact;
    const key = { "idempotency-key": "drawn-for-this-request" };
    expect((await api.post("/v1/events", unnamed, key)).body).toEqual({ outcome: "accepted" });
    expect((await api.post("/v1/events", unnamed, key)).body).toEqual({ outcome: "duplicate" });
    expect(await messages()).toHaveLength(2);
  });

  test("emits what does not fit its schema: it is set aside, and judged anew when replayed", async () => {
    expect((await api.post("/v1/events", { ...contact, data: { id: "7", email: "none" } })).body).toEqual({ outcome: "quarantined" });
    const [letter] = (await api.get("/v1/dead-letters")).body["items"] as { id: number; code: string }[];
    expect(letter).toMatchObject({ code: "CONTRACT_PAYLOAD_INVALID", connection: "app", error: expect.stringContaining("email") });
    expect((await api.post(`/v1/dead-letters/${letter!.id}/replay?tenant=acme`)).body).toEqual({ count: 0 });
    const [mended] = await vaultOf(database.db).seal([
      { tenant: "acme", purpose: "message.payload", value: Buffer.from(JSON.stringify(contact.data)) },
    ]);
    await sql`update belay.dead_letter set payload = ${mended}::bytea`.execute(database.db);
    expect((await api.post(`/v1/dead-letters/${letter!.id}/replay?tenant=acme`)).body).toEqual({ count: 1 });
    expect(await messages()).toMatchObject([{ state: "waiting", orderKey: "app/7" }]);
  });

  test.each([
    ["globex", "contact.changed", /No flow listens/],
    ["nobody", "contact.changed", /Tenant "nobody" has no connection/],
    ["acme", "contact.seen", /No flow listens to "contact.seen"/],
  ])("is told that %s has nobody who listens to %s", async (tenant, type, reason) => {
    expect(await api.post("/v1/events", { ...contact, tenant, type })).toMatchObject({
      status: 202,
      body: { outcome: "ignored", reason: expect.stringMatching(reason) },
    });
    expect(await messages()).toEqual([]);
  });

  test.each([
    [{ type: "contact.lost" }, 422, "INGRESS_EVENT_UNKNOWN", /declared are contact.changed, contact.seen/],
    [{ id: "a\nb" }, 422, "INGRESS_KEY_INVALID", /id/],
    [{ id: undefined }, 400, "API_REQUEST_INVALID", /Idempotency-Key/],
    [{ tenant: "" }, 400, "API_REQUEST_INVALID", /tenant/],
  ])("is refused with %j", async (wrong, status, code, detail) => {
    expect(await api.post("/v1/events", { ...contact, ...wrong })).toMatchObject({
      status,
      body: { code, detail: expect.stringMatching(detail) },
    });
  });

  test("gets the first answer again for the same key, and is refused the key for another request", async () => {
    const dead = { code: "LEDGER_CLOSED", error: "March is closed." };
    await store(database, sale({ ...dead, eventKey: "a" }), sale({ ...dead, eventKey: "b" }));
    const key = { "idempotency-key": "k-1" };
    const url = "/v1/dead-letters/discard?tenant=acme";
    expect((await api.post(url, undefined, key)).body).toEqual({ count: 2 });
    await store(database, sale({ ...dead, eventKey: "c" }));
    expect((await api.post(url, undefined, key)).body).toEqual({ count: 2 });
    expect((await api.get("/v1/dead-letters")).body["items"]).toHaveLength(1);
    expect(await api.post("/v1/dead-letters/replay?tenant=acme", undefined, key)).toMatchObject({
      status: 422,
      body: { code: "API_KEY_REUSED" },
    });
    await sql`update belay.idempotency set answer = null`.execute(database.db);
    expect(await api.post(url, undefined, key)).toMatchObject({ status: 409, body: { code: "API_KEY_IN_USE" } });
    await sql`update belay.idempotency set locked_until = belay.now() - interval '1 second'`.execute(database.db);
    expect((await api.post(url, undefined, key)).body).toEqual({ count: 1 });
  });

  test("sees its connections without their secrets", async () => {
    const { body } = await api.get("/v1/connections?limit=2");
    expect(body).toMatchObject({
      items: [
        { id: "acme-shop", tenant: "acme", connector: "shop", title: "Shop", ingestPath: "/in/shop-of-acme-0123", events: ["sold"] },
        { id: "acme-ledger", tenant: "acme", connector: "ledger", title: "Ledger", ingestPath: null, events: [] },
      ],
      next: expect.any(String),
    });
    expect((await api.get(`/v1/connections?limit=2&cursor=${String(body["next"])}`)).body).toMatchObject({
      items: [{ id: "globex-shop" }],
      next: null,
    });
    expect(JSON.stringify(body)).not.toContain("no-answer-has");
  });

  test("sees what runs, and that the schema is up to date", async () => {
    const { body } = await api.get("/v1/installation");
    expect(body).toMatchObject({
      node: process.versions.node,
      database: { migrations: { pending: [] }, version: expect.stringMatching(/^\d+\.\d+/), clockAheadMs: expect.any(Number) },
      tenants: 2,
      connections: 3,
      flows: 2,
    });
  });
});
