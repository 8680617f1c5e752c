import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createBelayClient } from "@belay/sdk/client";
import type { ApiMessage, BelayClient } from "@belay/sdk/client";
import { type Belay, startBelay } from "@belay/server";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { freshPostgres } from "../setup/database.ts";
import { app, ledgerToken } from "./__fixtures__/belay.config.ts";
import { testMasterKey } from "../setup/vault.ts";

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};

const token = "the-token-of-the-administrator";

describe("the client and a running server", () => {
  let server: Belay;
  let ledger: Server;
  let belay: BelayClient;
  beforeAll(async () => {
    // Says back what it was sent, its caller's credential among it.
    ledger = createServer((request, response) => {
      request.resume();
      request.on("end", () =>
        request.url === "/refuse"
          ? response.writeHead(422).end(`no: ${String(request.headers.authorization)}`)
          : response.end(`${request.method} ${request.url}`),
      );
    });
    await new Promise<void>((resolve) => ledger.listen(0, "127.0.0.1", resolve));
    process.env["LEDGER_URL"] = `http://127.0.0.1:${(ledger.address() as AddressInfo).port}`;
    server = await startBelay({
      // Imported above when the address of the ledger was not known yet.
      config: new URL("./__fixtures__/belay.config.ts?ledger", import.meta.url),
      database: { kind: "postgres", url: await freshPostgres() },
      adminToken: token,
      masterKey: testMasterKey,
    });
    belay = createBelayClient({ url: server.url, token });
  });
  afterAll(async () => {
    await server.close(0);
    ledger.closeAllConnections();
    ledger.close();
  });

  const event = (id: string, email: string) => ({ tenant: "acme", id, data: { id: "7", email } });
  const ended = async (id: string): Promise<ApiMessage> =>
    await vi.waitFor(
      async () => {
        for await (const message of belay.messages({ tenant: "acme" }))
          if (message.eventKey === id && message.endedAt !== null) return message;
        throw new Error(`${id} has not ended`);
      },
      { timeout: 30_000 },
    );

  test("emit events once, and follow them to their end", async () => {
    expect(await belay.emit(app["contact.changed"], event("e-1", "ada@acme.example"))).toEqual({ outcome: "accepted" });
    expect(await belay.emit(app["contact.changed"], event("e-1", "ada@acme.example"))).toEqual({ outcome: "duplicate" });
    const { id, state } = await ended("e-1");
    expect(state).toBe("delivered");
    const story = await belay.message(id);
    expect(story.story.map(({ what }) => what)).toEqual(["received", "believed", "recognized", "queued", "delivered"]);
    expect(JSON.parse(story.payload.text)).toEqual({ id: "7", email: "ada@acme.example" });
  });

  test("show what died and why, replay it, and discard it", async () => {
    await belay.emit(app["contact.changed"], event("e-2", "bob@nowhere.example"));
    const { id } = await ended("e-2");
    const letters = await collect(belay.deadLetters.list({ tenant: "acme" }));
    expect(letters).toMatchObject([{ id, code: "CONTACT_NOWHERE", error: "There is no such place.", flow: "contacts" }]);
    expect(await belay.deadLetters.show(id)).toMatchObject({
      explanation: { code: "CONTACT_NOWHERE", class: "flow-mistake", owner: "engineer" },
    });
    expect(await belay.deadLetters.replay({ tenant: "acme", id })).toBe(1);
    await vi.waitFor(async () => expect(await belay.deadLetters.discard({ tenant: "acme", id })).toBe(1), { timeout: 30_000 });
    expect((await belay.message(id)).message.state).toBe("discarded");
    expect(await belay.deadLetters.discardAll({ tenant: "acme" })).toBe(0);
  });

  test("tell what runs and how it is", async () => {
    expect(await collect(belay.connections("acme"))).toMatchObject([{ id: "acme-ledger", ingestPath: null }]);
    expect(await belay.health()).toEqual({ ok: true, threats: [] });
    expect(await belay.figures()).toMatchObject({ rejected: {}, quarantined: 0 });
    expect((await belay.installation()).database).toMatchObject({ kind: "postgres", migrations: { pending: [] } });
  });

  test("call a provider as a tenant, and find what was said when it failed", async () => {
    const fine = await belay.proxy("globex-ledger", { path: "/entries?of=1" });
    expect([fine.status, fine.headers.get("x-belay-source"), await fine.text()]).toEqual([200, "provider", "GET /entries?of=1"]);
    const body = JSON.stringify({ email: "ada@acme.example", password: "hunter2" });
    const refused = await belay.proxy("globex-ledger", {
      method: "POST",
      path: "/refuse",
      body,
      headers: { "content-type": "application/json" },
    });
    expect(refused.status).toBe(422);
    expect((await belay.proxy("nobody-ledger", { path: "/" })).status).toBe(404);
    const { items } = await vi.waitFor(
      async () => {
        const answer = await fetch(`${server.url}/v1/proxied-calls?tenant=globex`, { headers: { authorization: `Bearer ${token}` } });
        const page = (await answer.json()) as { items: { exchanges: { request: object }[] }[] };
        expect(page.items.length).toBeGreaterThan(0);
        return page;
      },
      { timeout: 60_000 },
    );
    expect(items[0]).toMatchObject({ connection: "globex-ledger", status: 422, code: null, sealed: false });
    expect(items[0]?.exchanges[0]).toMatchObject({ label: "ledger.proxy", method: "POST", path: "/refuse", status: 422 });
    const kept = JSON.stringify(items);
    for (const secret of [ledgerToken, token, "hunter2", "ada@acme.example"]) expect(kept).not.toContain(secret);
  });

  test("agree on refusals by their codes", async () => {
    await expect(belay.message(999_999_999)).rejects.toMatchObject({ code: "API_NOT_FOUND", retry: "never" });
    await expect(belay.deadLetters.replayAll({})).rejects.toMatchObject({ code: "API_REQUEST_INVALID" });
    const stranger = createBelayClient({ url: server.url, token: "another-token-than-the-right" });
    await expect(stranger.health()).rejects.toMatchObject({ code: "API_UNAUTHORIZED" });
  });
});

describe("the client", () => {
  const answer = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Response =>
    new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

  /** A client whose requests are answered in turn, and that pauses without waiting. */
  const client = (answers: readonly (() => Response)[]) => {
    const seen: Request[] = [];
    const pauses: number[] = [];
    let now = 0;
    return {
      seen,
      pauses,
      belay: createBelayClient({
        url: "http://belay.example/",
        token,
        random: () => 0.5,
        clock: {
          now: () => now,
          sleep: async (ms) => {
            pauses.push(ms);
            now += ms;
          },
        },
        fetch: async (request) => {
          seen.push(request);
          return answers[seen.length - 1]!();
        },
      }),
    };
  };
  const broken = (): never => {
    throw new TypeError("fetch failed", { cause: new Error("connect ECONNREFUSED 127.0.0.1:4000") });
  };

  test("sends again after what may pass, with the same key and body", async () => {
    const { belay, seen, pauses } = client([broken, () => answer(503, {}, { "retry-after": "1" }), () => answer(200, { count: 1 })]);
    expect(await belay.deadLetters.replay({ tenant: "acme", id: 5 })).toBe(1);
    expect(pauses).toEqual([100, 1_000]);
    expect(new Set(seen.map(({ headers }) => headers.get("idempotency-key"))).size).toBe(1);
    const emitting = client([() => answer(503, {}), () => answer(202, { outcome: "accepted" })]);
    await emitting.belay.emit(app["contact.changed"], { tenant: "acme", id: "e", data: { id: "1", email: "a@b.example" } });
    const bodies = await Promise.all(emitting.seen.map((request) => request.text()));
    expect([bodies.length, bodies[0]]).toEqual([2, bodies[1]]);
  });

  test("gives up after three attempts, and says what stood in the way", async () => {
    const { belay, seen } = client([broken, broken, broken]);
    await expect(belay.health()).rejects.toMatchObject({
      code: "API_UNREACHABLE",
      retry: "backoff",
      message: "GET http://belay.example/v1/health: connect ECONNREFUSED 127.0.0.1:4000",
    });
    expect(seen).toHaveLength(3);
  });

  test("does not send again what was refused, nor waits longer than its deadline", async () => {
    const refused = client([() => answer(422, { code: "API_KEY_REUSED", detail: "…" })]);
    await expect(refused.belay.health()).rejects.toMatchObject({ code: "API_KEY_REUSED" });
    const busy = client([() => answer(429, { code: "INGRESS_BUSY", detail: "…" }, { "retry-after": "60" })]);
    await expect(busy.belay.health()).rejects.toMatchObject({ code: "INGRESS_BUSY", retry: "backoff" });
    expect([refused.pauses, busy.pauses]).toEqual([[], []]);
  });

  test("knows when something else listens at the URL", async () => {
    const other = createServer((_request, response) => response.end("<h1>Hello</h1>"));
    await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
    const belay = createBelayClient({ url: `http://127.0.0.1:${(other.address() as AddressInfo).port}`, token });
    await expect(belay.health()).rejects.toMatchObject({ code: "API_ANSWER_INVALID" });
    other.close();
  });
});
