import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { insertReferences, ReferenceWriter } from "../references/index.ts";
import { formatTrace, newTraceId } from "../telemetry/index.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";
import { type Api, openApi, sale, store } from "./__fixtures__/api.ts";

interface Answer {
  readonly items: readonly {
    readonly message: { readonly id: number; readonly eventKey: string; readonly state: string };
    readonly foundBy: string[];
  }[];
  readonly story: { readonly story: unknown[] } | null;
  readonly next: string | null;
}

describe.each(databases)("stories on $name", ({ open }) => {
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
    for (const table of ["mailbox", "message", "block", "dead_letter", "history", "step", "dedupe", "reference", "id_mark"])
      await sql`delete from ${sql.table(`belay.${table}`)}`.execute(database.db);
  });

  const find = async (ref: string, more = ""): Promise<Answer> =>
    (await api.get(`/v1/stories?ref=${encodeURIComponent(ref)}${more}`)).body as unknown as Answer;
  const found = async (ref: string, more = ""): Promise<[eventKey: string, foundBy: string][]> =>
    (await find(ref, more)).items.map(({ message, foundBy }) => [message.eventKey, foundBy.join("+")]);

  const end = async (eventKey: string): Promise<void> => {
    await sql`
      with gone as (delete from belay.message where event_key = ${eventKey} returning *)
      insert into belay.history (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
        received_at, attempts, outcome)
      select tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
        received_at, 1, 'delivered' from gone`.execute(database.db);
  };
  const ofAnotherTenant = { tenant: "globex", target: "globex-ledger" };
  const dead = { code: "LEDGER_CLOSED", error: "March is closed." };
  const emit = async (id: string, data: object): Promise<void> => {
    expect(await api.post("/v1/events", { tenant: "acme", type: "contact.changed", id, data })).toMatchObject({ status: 202 });
  };

  test("one message is found by its id, its event's id, its order key with and without the connection, and comes with its story", async () => {
    await store(database, sale({ eventKey: "evt-1", orderKey: "acme-shop/o-7" }), sale({ eventKey: "evt-2" }));
    const [{ message } = { message: undefined }] = (await find("evt-1")).items;
    for (const [ref, by] of [
      [String(message?.id), "message"],
      ["evt-1", "event"],
      [" o-7", "order"],
      ["acme-shop/o-7", "order"],
    ] as const)
      expect([ref, await found(ref)]).toEqual([ref, [["evt-1", by]]]);
    expect((await find("evt-1")).story?.story).not.toHaveLength(0);
    expect(await find("evt-3")).toEqual({ items: [], story: null, next: null });
  });

  test("waiting, dead and finished ones are found alike, the newest first, each once, page by page", async () => {
    const same = { orderKey: "acme-shop/o-7" };
    await store(database, sale({ ...same, eventKey: "a" }), sale({ ...same, eventKey: "b", ...dead }), sale({ ...same, eventKey: "c" }));
    await store(database, sale({ ...same, ...ofAnotherTenant, eventKey: "d" }));
    await end("a");
    const keysOf = async (more: string): Promise<string[]> => (await found("o-7", more)).map(([key]) => key);
    expect(await keysOf("")).toEqual(["d", "c", "b", "a"]);
    expect(await keysOf("&tenant=acme")).toEqual(["c", "b", "a"]);
    expect(await keysOf("&tenant=nobody")).toEqual([]);
    const first = await find("o-7", "&limit=3");
    expect(first.items).toHaveLength(3);
    expect([first.story, await keysOf(`&limit=3&cursor=${first.next}`)]).toEqual([null, ["a"]]);
  });

  test("a trace of Belay's own is found by the time in its id, wherever its messages are", async () => {
    const now = Date.now();
    const traceOf = (atMs: number): string =>
      formatTrace({ traceId: newTraceId(atMs, Math.random), spanId: "00f067aa0ba902b7", sampled: false });
    const [trace, other] = [traceOf(now), traceOf(now)];
    await store(database, sale({ eventKey: "a", trace }), sale({ eventKey: "b", trace: other }), sale({ eventKey: "c", trace, ...dead }));
    await end("a");
    expect(await found(trace.slice(3, 35))).toEqual([
      ["c", "trace"],
      ["a", "trace"],
    ]);
    expect(await found(trace, "&tenant=acme")).toHaveLength(2);
    expect(await found(trace, "&tenant=globex")).toEqual([]);
    await sql`insert into belay.id_mark (at, id) select belay.now() - interval '1 minute', last_value from belay.message_id`.execute(
      database.db,
    );
    expect(await found(trace), "before a mark of an earlier time lie no messages of it").toEqual([["c", "trace"]]);
  });

  test("an event is found by its declared references, in every way of writing them, and by a trace that somebody else began", async () => {
    await emit("c-1", { id: "7", email: "Ada@Acme.example", phone: "+49 30 1234" });
    await emit("c-2", { id: "8", email: "grace@acme.example" });
    expect(await found("ada@acme.EXAMPLE ")).toEqual([["c-1", "email"]]);
    expect(await found("0049 (30) 1234", "&tenant=acme")).toEqual([["c-1", "phone"]]);
    expect(await found("grace@acme.example", "&tenant=globex")).toEqual([]);
    const { rows } = await sql<{ text: string }>`select string_agg(r::text, ' ') as text from belay.reference r`.execute(database.db);
    expect(rows[0]?.text).not.toMatch(/ada@|grace|acme\.example|49301234/i);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await api.post(
      "/v1/events",
      { tenant: "acme", type: "contact.changed", id: "c-3", data: { id: "9", email: "x@y.example" } },
      { traceparent },
    );
    expect(await found(traceparent.slice(3, 35))).toEqual([["c-3", "trace"]]);
  });

  test("what does not fit its schema is found by the references that it has", async () => {
    await emit("c-1", { email: "ada@acme.example" });
    expect((await find("ada@acme.example")).items).toMatchObject([{ message: { eventKey: "c-1", state: "dead" }, foundBy: ["email"] }]);
  });

  test("a message is found by the record that it created", async () => {
    await store(database, sale({ eventKey: "a" }));
    const [{ message } = { message: { id: 0 } }] = (await find("a")).items;
    const created = { tenant: "acme", references: [{ kind: "ledger.entry", value: "4711" }] };
    const fingerprints = await new ReferenceWriter(vaultOf(database.db)).fingerprint([created]);
    await insertReferences(
      database.db,
      (fingerprints.get(created) ?? []).map((fingerprint) => ({ tenant: "acme", message: message.id, fingerprint })),
    );
    expect(await found("4711")).toEqual([["a", "ledger.entry"]]);
  });

  test("the name of a tenant finds its newest messages", async () => {
    await store(database, sale({ eventKey: "a" }), sale({ eventKey: "b" }), sale({ ...ofAnotherTenant, eventKey: "c" }));
    expect(await found("acme")).toEqual([
      ["b", "tenant"],
      ["a", "tenant"],
    ]);
  });

  test.each(["", "?ref=", "?ref=%00", `?ref=${"x".repeat(600)}`])("/v1/stories%s is refused", async (query) => {
    expect(await api.get(`/v1/stories${query}`)).toMatchObject({ status: 400, body: { code: "API_REQUEST_INVALID" } });
  });
});
