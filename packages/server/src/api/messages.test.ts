import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { databases } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { discardDeadLetters, replayDeadLetters } from "../mailbox/index.ts";
import { keepFailures } from "./__fixtures__/attempts.ts";
import { type Api, openApi, sale, store } from "./__fixtures__/api.ts";
import { vaultOf } from "../../../../test/setup/vault.ts";

describe.each(databases)("messages on $name", ({ open }) => {
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
    for (const table of ["mailbox", "message", "block", "dead_letter", "history", "step", "dedupe", "attempt"])
      await sql`delete from ${sql.table(`belay.${table}`)}`.execute(database.db);
  });

  const dead = { code: "LEDGER_CLOSED", error: "March is closed." };
  const list = async (query: string): Promise<[id: string, state: string][]> =>
    ((await api.get(`/v1/messages?${query}`)).body["items"] as { eventKey: string; state: string }[]).map(({ eventKey, state }) => [
      eventKey,
      state,
    ]);
  const idOf = async (eventKey: string): Promise<number> => {
    const items = (await api.get("/v1/messages")).body["items"] as { eventKey: string; id: number }[];
    return items.find((item) => item.eventKey === eventKey)!.id;
  };

  /** Ends waiting messages as `outcome`, as a worker that has run them writes it. */
  const end = async (eventKey: string, outcome: string, at = "belay.now()"): Promise<void> => {
    await sql`
      with gone as (delete from belay.message where event_key = ${eventKey} returning *)
      insert into belay.history (tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
        received_at, attempts, outcome, finished_at)
      select tenant, id, mailbox, order_key, flow, connection, event_key, event_type, version, schema_version, payload, blob, trace,
        ${sql.raw(at)} - interval '1 second', 1, ${outcome}, ${sql.raw(at)} from gone`.execute(database.db);
  };

  test("are found wherever they are in their life, newest first, by each filter", async () => {
    await store(
      database,
      sale({ eventKey: "a" }),
      sale({ eventKey: "b", ...dead }),
      sale({ eventKey: "c" }),
      sale({ eventKey: "d", tenant: "globex", flow: "other", target: "globex-ledger" }),
      sale({ eventKey: "e" }),
    );
    await end("a", "delivered", "belay.now() - interval '3 days'");
    await end("c", "superseded");
    const all = [
      ["e", "waiting"],
      ["d", "waiting"],
      ["c", "superseded"],
      ["b", "dead"],
      ["a", "delivered"],
    ];
    expect(await list("")).toEqual(all);
    expect(await list("tenant=acme")).toEqual(all.filter(([key]) => key !== "d"));
    expect(await list("tenant=globex&mailbox=globex-ledger/event")).toEqual([["d", "waiting"]]);
    expect(await list("flow=other")).toEqual([["d", "waiting"]]);
    expect(await list("mailbox=acme-ledger/event&state=waiting")).toEqual([["e", "waiting"]]);
    for (const state of ["dead", "delivered", "superseded"])
      expect(await list(`state=${state}`)).toEqual(all.filter((row) => row[1] === state));
    expect(await list("state=parked")).toEqual([]);
    expect(await list(`since=${new Date(Date.now() - 86_400_000).toISOString()}`)).toEqual(all.slice(0, 4));
    expect(await list("tenant=nobody")).toEqual([]);
  });

  test("come a page at a time, each once, also where many lie between those of a tenant", async () => {
    await store(database, sale({ eventKey: "first" }), sale({ eventKey: "second" }));
    await sql`select setval('belay.message_id', nextval('belay.message_id') + 5000000)`.execute(database.db);
    await store(database, sale({ eventKey: "third" }), sale({ eventKey: "other", tenant: "globex" }));
    const seen: string[] = [];
    let cursor: string | null = "";
    for (let pages = 0; cursor !== null && pages < 20; pages += 1) {
      const { body } = await api.get(`/v1/messages?tenant=acme&limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      seen.push(...(body["items"] as { eventKey: string }[]).map(({ eventKey }) => eventKey));
      cursor = body["next"] as string | null;
    }
    expect(seen).toEqual(["third", "second", "first"]);
    expect(cursor).toBeNull();
  });

  test("a waiting one tells where it stands in its mailbox", async () => {
    await store(database, sale({ eventKey: "a" }), sale({ eventKey: "b" }));
    const { status, body } = await api.get(`/v1/messages/${await idOf("b")}?tenant=acme`);
    expect([status, body]).toEqual([
      200,
      expect.objectContaining({
        message: expect.objectContaining({ eventKey: "b", state: "waiting", tenant: "acme" }),
        payload: { text: '{"id":"e-1","type":"sold"}', bytes: 26 },
        mailbox: { ahead: 1, leased: false, pausedUntil: null, why: null },
        explanation: null,
      }),
    ]);
    expect((body["story"] as { what: string }[]).map(({ what }) => what)).toEqual([
      "received",
      "believed",
      "recognized",
      "queued",
      "waits",
    ]);
    expect((body["story"] as { text: string }[]).at(-1)!.text).toBe(
      "1 message is ahead of it in its mailbox; no worker has taken the mailbox yet.",
    );
  });

  test("a dead one tells its cause in the connector's words, what finished, and what to do", async () => {
    await store(database, sale(dead));
    const id = await idOf("e-1");
    await sql`update belay.dead_letter set attempts = 3, suspect = true, first_attempt_at = received_at`.execute(database.db);
    const [result] = await vaultOf(database.db).seal([{ tenant: "acme", purpose: "step.result", value: Buffer.from('{"found":true}') }]);
    await sql`insert into belay.step (tenant, message, name, mailbox, result) values ('acme', ${id}, 'find', 'acme-ledger/event', ${result}::bytea)`.execute(
      database.db,
    );
    const { body } = await api.get(`/v1/dead-letters/${id}`);
    expect(body).toMatchObject({
      message: { state: "dead", code: "LEDGER_CLOSED", attempts: 3 },
      explanation: {
        code: "LEDGER_CLOSED",
        meaning: "The month is closed. Open it, or book in the next.",
        class: "record-refused",
        owner: "tenant",
        recovery: "after-mending",
        retryable: false,
        texts: {
          tenant: { happened: expect.stringContaining("Ledger did not accept"), remedy: expect.stringContaining("support runs it again") },
          support: { happened: expect.stringContaining("acme-ledger") },
          engineer: { remedy: expect.stringContaining("replay") },
        },
        actions: expect.arrayContaining([
          expect.objectContaining({ action: "mend-record", who: "tenant", command: null }),
          expect.objectContaining({ action: "replay", command: `belay dead-letters replay ${id}` }),
          expect.objectContaining({ action: "replay-cause", command: "belay dead-letters replay --tenant acme --code LEDGER_CLOSED" }),
        ]),
      },
      steps: [{ name: "find", result: { text: '{"found":true}' } }],
    });
    expect((body["story"] as { what: string; text: string }[]).map(({ what }) => what)).toEqual([
      "received",
      "believed",
      "recognized",
      "queued",
      "attempted",
      "step",
      "died",
      "waits",
    ]);
    expect((body["story"] as { text: string }[])[6]!.text).toBe(
      "It became a dead letter after 3 attempts: LEDGER_CLOSED: March is closed.",
    );
  });

  test("a failure is told to a tenant without codes, error texts and names of ours, to the others with them", async () => {
    await store(database, sale(dead));
    const id = await idOf("e-1");
    const told = async (query: string): Promise<Record<string, unknown>> => (await api.get(`/v1/messages/${id}/explanation${query}`)).body;
    const tenant = await told("?for=tenant&tenant=acme");
    expect(tenant).toMatchObject({
      id,
      register: "tenant",
      state: "dead",
      class: "record-refused",
      owner: "tenant",
      code: null,
      meaning: null,
      error: null,
      actions: [{ action: "mend-record", text: "Correct the record where it comes from." }],
    });
    expect(JSON.stringify(tenant)).not.toMatch(/LEDGER_CLOSED|March|acme-|sell|sold/);
    expect(await told("?for=support")).toMatchObject({
      code: "LEDGER_CLOSED",
      error: "March is closed.",
      meaning: expect.stringContaining("month"),
    });
    expect(((await told("?for=support"))["actions"] as { who: string }[]).map(({ who }) => who)).not.toContain("engineer");
    expect(await told("")).toMatchObject({ register: "engineer", happened: expect.stringContaining("row of the connector") });
    expect(await api.get(`/v1/messages/${id}/explanation?for=everybody`)).toMatchObject({
      status: 400,
      body: { class: "request-mistake" },
    });
    expect(await api.get(`/v1/messages/${id}/explanation?tenant=globex`)).toMatchObject({ status: 404 });
  });

  test("what has not failed is told in a sentence, to a tenant too", async () => {
    await store(database, sale({ eventKey: "a" }), sale({ eventKey: "b" }));
    await end("b", "delivered");
    const told = async (key: string): Promise<unknown> => (await api.get(`/v1/messages/${await idOf(key)}/explanation?for=tenant`)).body;
    expect(await told("a")).toMatchObject({ happened: "It waits for its turn.", remedy: null, class: null, actions: [] });
    expect(await told("b")).toMatchObject({ happened: "It is done.", remedy: null });
  });

  test("one that waits because its mailbox is paused is explained by what it is paused for", async () => {
    await store(database, sale());
    await sql`update belay.mailbox set paused_until = belay.now() + interval '1 minute', due_at = belay.now() + interval '1 minute', why = 'HTTP_CIRCUIT_OPEN'`.execute(
      database.db,
    );
    const { body } = await api.get(`/v1/messages/${await idOf("e-1")}`);
    expect(body).toMatchObject({
      message: { code: null, state: "waiting" },
      explanation: {
        code: "HTTP_CIRCUIT_OPEN",
        class: "provider-unavailable",
        owner: "provider",
        actions: [{ action: "wait" }, { action: "ask-provider" }],
      },
    });
    expect((body["story"] as { text: string }[]).at(-1)!.text).toMatch(/HTTP_CIRCUIT_OPEN\. The provider failed repeatedly/);
  });

  test("one that waits because somebody has paused its connection says who can tell more, and blames no flow", async () => {
    await store(database, sale());
    await sql`update belay.mailbox set paused_until = belay.now() + interval '5 minutes', due_at = belay.now() + interval '5 minutes', why = 'MAILBOX_PAUSED'`.execute(
      database.db,
    );
    const { body } = await api.get(`/v1/messages/${await idOf("e-1")}`);
    expect(body).toMatchObject({
      explanation: { code: "MAILBOX_PAUSED", class: "installation", owner: "operator", title: "Paused by a person" },
    });
    const { texts, actions } = body["explanation"] as {
      texts: Record<string, { happened: string; remedy: string }>;
      actions: { action: string }[];
    };
    for (const { happened, remedy } of Object.values(texts)) {
      expect(happened).toMatch(/paused/);
      expect(remedy).toMatch(/resume/);
      expect(happened).not.toMatch(/process|database|disturbed/);
    }
    expect(actions.map(({ action }) => action)).toEqual(["wait"]);
    expect((body["story"] as { text: string }[]).at(-1)!.text).toMatch(/MAILBOX_PAUSED\. Somebody has paused .*`belay paused`/);
  });

  test("a code that a flow made up is a mistake in the flow, and never unknown", async () => {
    await store(database, sale({ code: "NOBODY_KNOWS", error: "Whatever." }));
    expect((await api.get(`/v1/messages/${await idOf("e-1")}`)).body).toMatchObject({
      explanation: { code: "NOBODY_KNOWS", class: "flow-mistake", owner: "engineer" },
    });
  });

  test("every attempt that is kept is told, with what it called and what came back; bodies only when asked for", async () => {
    await store(database, sale());
    const id = await idOf("e-1");
    const unavailable = { kind: "retry", afterMs: 60_000, code: "HTTP_UNAVAILABLE", error: "ledger.entry.create: 503" } as const;
    await keepFailures(database, [
      { id, attempts: 0, verdict: unavailable, statuses: [503, 503], startedAtMs: Date.parse("2026-03-01T10:00:00Z") },
      { id, attempts: 1, verdict: { kind: "dead", ...dead }, statuses: [422], startedAtMs: Date.parse("2026-03-01T10:01:00Z") },
    ]);
    const { body } = await api.get(`/v1/messages/${id}`);
    const [first, second] = body["attempts"] as { exchanges: object[] }[];
    expect(first).toMatchObject({ attempt: 1, code: "HTTP_UNAVAILABLE", durationMs: 120, nextAt: "2026-03-01T10:01:00.120Z" });
    expect(second!.exchanges).toEqual([expect.objectContaining({ method: "POST", path: "/tickets", status: 422, requestId: "r-0" })]);
    expect(second!.exchanges[0]).not.toHaveProperty("request");
    expect((body["story"] as { at: string; text: string }[]).slice(4, -1).map(({ at, text }) => `${at.slice(14, 23)} ${text}`)).toEqual([
      "00:00.000 Attempt 1 began.",
      '00:00.000 POST /tickets: 503 after 40 ms in step "create"; the provider calls it r-0.',
      '00:00.050 POST /tickets: 503 after 40 ms in step "create"; the provider calls it r-1.',
      '00:00.110 Step "create" failed after 110 ms with HTTP_UNAVAILABLE.',
      '00:00.120 Attempt 1 failed after 120 ms in step "create": HTTP_UNAVAILABLE: ledger.entry.create: 503 The next was due at 2026-03-01T10:01:00.120Z.',
      "01:00.000 Attempt 2 began.",
      '01:00.000 POST /tickets: 422 after 40 ms in step "create"; the provider calls it r-0.',
      '01:00.110 Step "create" failed after 110 ms with LEDGER_CLOSED.',
      '01:00.120 Attempt 2 failed after 120 ms in step "create": LEDGER_CLOSED: March is closed. It is not tried again.',
    ]);
    const full = await api.get(`/v1/messages/${id}?exchanges=full`);
    expect((full.body["attempts"] as { exchanges: object[] }[])[1]!.exchanges[0]).toMatchObject({
      request: { headers: { "content-type": "application/json" }, body: "{}" },
      response: { headers: { "x-request-id": "r-0" }, body: "{}" },
    });
  });

  test("one keeps its id through death, replay and its end, and its story changes with it", async () => {
    await store(database, sale(dead));
    const id = await idOf("e-1");
    const told = async (): Promise<unknown[]> => {
      const { body } = await api.get(`/v1/messages/${id}`);
      return [(body["message"] as { state: string }).state, (body["story"] as { what: string }[]).at(-1)!.what];
    };
    expect(await told()).toEqual(["dead", "waits"]);
    await replayDeadLetters(database.db, [{ tenant: "acme", id }]);
    expect(await told()).toEqual(["parked", "waits"]);
    expect((await api.get(`/v1/dead-letters/${id}`)).body).toMatchObject({
      code: "API_NOT_FOUND",
      detail: `There is no dead letter ${id}; message ${id} is parked.`,
    });
    await end("e-1", "delivered");
    expect(await told()).toEqual(["delivered", "delivered"]);
  });

  test("a discarded one says of what it had died", async () => {
    await store(database, sale(dead));
    const id = await idOf("e-1");
    await discardDeadLetters(database.db, [{ tenant: "acme", id }]);
    const { body } = await api.get(`/v1/messages/${id}`);
    expect((body["story"] as { text: string }[]).at(-1)!.text).toBe("Somebody discarded it; it had died of LEDGER_CLOSED.");
  });

  test("a large payload is cut, and its length told", async () => {
    await store(database, sale({ payload: new TextEncoder().encode(`"${"x".repeat(200_000)}"`) }));
    const { body } = await api.get(`/v1/messages/${await idOf("e-1")}`);
    expect(body["payload"]).toEqual({ text: `"${"x".repeat(65_535)}`, bytes: 200_002 });
  });

  test("nothing of another tenant is shown, nor what is not there", async () => {
    await store(database, sale());
    expect(await api.get(`/v1/messages/${await idOf("e-1")}?tenant=globex`)).toMatchObject({
      status: 404,
      body: { code: "API_NOT_FOUND" },
    });
    expect(await api.get("/v1/messages/999999999")).toMatchObject({ status: 404, body: { code: "API_NOT_FOUND" } });
  });

  test.each(["state=asleep", "since=yesterday", "cursor=x", "limit=0", "tenant=%00"])("?%s is refused", async (query) => {
    expect(await api.get(`/v1/messages?${query}`)).toMatchObject({ status: 400, body: { code: "API_REQUEST_INVALID" } });
  });
});
