import { once } from "node:events";
import { type AddressInfo, connect } from "node:net";
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openFreshPostgres } from "../../../../test/setup/database.ts";
import type { Database } from "../db/index.ts";
import { catalog, countStored, empty, type Ingress, nothing, sign, startIngress } from "./__fixtures__/shop.ts";
import { ingressErrors } from "./errors.ts";

const shopUrl = "/in/shop-of-acme-0123";
const tillUrl = "/in/till-of-acme-0123";
const good = '{"id":"o-1","order":"A"}';
const nested = (levels: number): string => `{"id":"1","order":"A","note":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;

describe("a webhook", () => {
  let database: Database;
  let ingress: Ingress;
  let server: FastifyInstance;
  let port: number;
  beforeAll(async () => {
    database = await openFreshPostgres();
    ingress = startIngress(database.db);
    server = ingress.server;
    await server.listen({ port: 0, host: "127.0.0.1" });
    port = (server.server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    await server.close();
    await database.close();
  });
  beforeEach(() => empty(database.db));

  interface Answer {
    readonly status: number;
    readonly headers: Readonly<Record<string, unknown>>;
    readonly body: string;
  }

  async function post(url: string, body: string | Uint8Array, headers: Readonly<Record<string, string>> = sign(body)): Promise<Answer> {
    const { statusCode, headers: answered, body: text } = await server.inject({ method: "POST", url, headers, payload: Buffer.from(body) });
    return { status: statusCode, headers: answered, body: text };
  }

  /** Sends bytes as they are and returns all that comes back until the server closes. */
  async function raw(...pieces: readonly (string | Uint8Array)[]): Promise<Answer> {
    const socket = connect(port, "127.0.0.1");
    const chunks: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    // Writing on while the server has answered and closed is what a sender of too much does.
    socket.on("error", () => {});
    for (const piece of pieces) socket.write(piece);
    await once(socket, "close");
    const [head = "", ...rest] = Buffer.concat(chunks).toString().split("\r\n\r\n");
    const [line = "", ...fields] = head.split("\r\n");
    const headers = Object.fromEntries(
      fields.map((field) => [field.slice(0, field.indexOf(":")).toLowerCase(), field.slice(field.indexOf(":") + 1).trim()]),
    );
    return { status: Number(line.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
  }

  const head = (method: string, path: string, headers: Readonly<Record<string, string>>): string =>
    `${method} ${path} HTTP/1.1\r\nhost: belay\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")}\r\n`;

  async function expectProblem(answer: Answer, status: number, code: string, stored: Record<string, number> = nothing): Promise<void> {
    expect(`${answer.status} ${String(answer.headers["content-type"]).split(";")[0]}`, answer.body).toBe(
      `${status} application/problem+json`,
    );
    expect(JSON.parse(answer.body)).toMatchObject({
      type: `urn:belay:error:${code}`,
      title: expect.stringMatching(/\S/),
      status,
      detail: expect.stringMatching(/\S/),
      code,
    });
    expect(await countStored(database.db)).toEqual(stored);
  }

  test("that is good is acknowledged after it was stored with its work", async () => {
    const answer = await post(shopUrl, good);
    expect([answer.status, JSON.parse(answer.body)]).toEqual([202, { outcome: "accepted", event: "d-1" }]);
    expect(await countStored(database.db)).toEqual({ mailboxes: 1, messages: 2, deadLetters: 0, keys: 2, blobs: 0 });
  });

  const ids = (id: string): string => JSON.stringify({ id, event: { type: "sold" } });
  const types = (type: unknown): string => JSON.stringify({ id: "1", event: { type } });
  const refused: readonly (readonly [
    name: string,
    url: string,
    body: string | Uint8Array,
    code: string,
    headers?: Readonly<Record<string, string>>,
  ])[] = [
    ["no body", shopUrl, "", "INGRESS_BODY_INVALID"],
    ["nothing but spaces", shopUrl, "  \n", "INGRESS_BODY_INVALID"],
    ["half of JSON", shopUrl, '{"id":', "INGRESS_BODY_INVALID"],
    ["something after the JSON", shopUrl, "{}{}", "INGRESS_BODY_INVALID"],
    ["invalid UTF-8", shopUrl, Buffer.concat([Buffer.from('{"id":"'), Buffer.of(0xff, 0xfe), Buffer.from('"}')]), "INGRESS_BODY_INVALID"],
    [
      "an overlong UTF-8 slash",
      shopUrl,
      Buffer.concat([Buffer.from('{"id":"'), Buffer.of(0xc0, 0xaf), Buffer.from('"}')]),
      "INGRESS_BODY_INVALID",
    ],
    [
      "a surrogate encoded in UTF-8",
      shopUrl,
      Buffer.concat([Buffer.from('{"id":"'), Buffer.of(0xed, 0xa0, 0x80), Buffer.from('"}')]),
      "INGRESS_BODY_INVALID",
    ],
    ["a raw NUL in the JSON", shopUrl, '{"id":"a\0b"}', "INGRESS_BODY_INVALID"],
    ["101 levels", shopUrl, nested(101), "INGRESS_BODY_INVALID"],
    ["a megabyte of brackets", shopUrl, "[".repeat(1_000_000), "INGRESS_BODY_INVALID"],
    ["a megabyte of closing brackets", shopUrl, "]".repeat(1_000_000), "INGRESS_BODY_INVALID"],
    ["brackets hidden behind a quote that never ends", shopUrl, `"${"[".repeat(1_000)}`, "INGRESS_BODY_INVALID"],
    ["no content type", shopUrl, good, "INGRESS_TYPE_UNSUPPORTED", { "content-type": "" }],
    ["a form", shopUrl, good, "INGRESS_TYPE_UNSUPPORTED", { "content-type": "application/x-www-form-urlencoded" }],
    ["plain text", shopUrl, good, "INGRESS_TYPE_UNSUPPORTED", { "content-type": "text/plain" }],
    ["a content type that only begins like JSON", shopUrl, good, "INGRESS_TYPE_UNSUPPORTED", { "content-type": "application/jsonp" }],
    ["a content type that is none", shopUrl, good, "INGRESS_TYPE_UNSUPPORTED", { "content-type": "???" }],
    ["no signature", shopUrl, good, "INGRESS_SIGNATURE_WRONG", { "x-signature": "" }],
    ["another signature", shopUrl, good, "INGRESS_SIGNATURE_WRONG", { "x-signature": "0".repeat(64) }],
    ["a signature that is no signature", shopUrl, good, "INGRESS_SIGNATURE_WRONG", { "x-signature": "é\u00ff" }],
    ["an empty id in a header", shopUrl, good, "INGRESS_KEY_INVALID", { "x-delivery": "" }],
    ["an id of 513 characters in a header", shopUrl, good, "INGRESS_KEY_INVALID", { "x-delivery": "x".repeat(513) }],
    ["an empty type in a header", shopUrl, good, "INGRESS_KEY_INVALID", { "x-type": "" }],
    ["a body that is no object", tillUrl, "null", "INGRESS_KEY_INVALID"],
    ["a body that is a list", tillUrl, "[1]", "INGRESS_KEY_INVALID"],
    ["no id", tillUrl, '{"event":{"type":"sold"}}', "INGRESS_KEY_INVALID"],
    ["an id that is an object", tillUrl, '{"id":{},"event":{"type":"sold"}}', "INGRESS_KEY_INVALID"],
    ["an id that is true", tillUrl, '{"id":true,"event":{"type":"sold"}}', "INGRESS_KEY_INVALID"],
    ["an id with a NUL", tillUrl, ids("a\0b"), "INGRESS_KEY_INVALID"],
    ["an id with a lone surrogate", tillUrl, '{"id":"a\\ud800b","event":{"type":"sold"}}', "INGRESS_KEY_INVALID"],
    ["an id with a line break", tillUrl, ids("a\nb"), "INGRESS_KEY_INVALID"],
    ["an id of 513 characters", tillUrl, ids("x".repeat(513)), "INGRESS_KEY_INVALID"],
    [
      "an id that is a number no longer told apart from its neighbours",
      tillUrl,
      '{"id":9007199254740993,"event":{"type":"sold"}}',
      "INGRESS_KEY_INVALID",
    ],
    ["an id that is a number beyond all bounds", tillUrl, '{"id":1e400,"event":{"type":"sold"}}', "INGRESS_KEY_INVALID"],
    ["a type with a NUL", tillUrl, types("so\0ld"), "INGRESS_KEY_INVALID"],
    ["a type with a lone surrogate", tillUrl, '{"id":"1","event":{"type":"\\udc00"}}', "INGRESS_KEY_INVALID"],
    ["a type that is a list", tillUrl, types(["sold"]), "INGRESS_KEY_INVALID"],
    ["an id that lies in the prototype", tillUrl, '{"event":{"type":"sold"},"__proto__":{"id":"1"}}', "INGRESS_KEY_INVALID"],
    ["2,001 bytes where 2,000 are allowed", tillUrl, ids("1").padEnd(2_001), "INGRESS_BODY_TOO_LARGE"],
    ["an endpoint that nobody has", "/in/nobody-has-this-0123", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["an endpoint by the name of something built in", "/in/constructor", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["an endpoint in upper case", "/in/SHOP-OF-ACME-0123", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["an endpoint with an escaped slash", "/in/shop-of-acme-0123%2F..", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["an endpoint with an escaped NUL", "/in/shop-of-acme-0123%00", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["a path below the endpoint", `${shopUrl}/more`, good, "API_NOT_FOUND"],
    ["a path out of the endpoints", "/in/../in/shop-of-acme-0123x", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["no endpoint", "/in/", good, "INGRESS_ENDPOINT_UNKNOWN"],
    ["a path with a broken escape", "/in/%zz", good, "API_REQUEST_INVALID"],
    ["a path that is no UTF-8", "/in/%ff%fe", good, "API_REQUEST_INVALID"],
    ["an endpoint name longer than any", `/in/${"x".repeat(10_000)}`, good, "API_REQUEST_INVALID"],
  ];
  test.each(refused.map(([name, ...rest]) => [name, rest] as const))(
    "with %s is refused, and nothing is stored",
    async (_name, [url, body, code, headers]) => {
      const status =
        code in ingressErrors ? ingressErrors[code as keyof typeof ingressErrors].status : code === "API_NOT_FOUND" ? 404 : 400;
      await expectProblem(await post(url, body, sign(body, headers)), status, code);
    },
  );

  test.each(["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] as const)("by the method %s is refused", async (method) => {
    const { statusCode, headers, body } = await server.inject({
      method,
      url: shopUrl,
      headers: sign(good),
      ...(method === "GET" ? {} : { payload: good }),
    });
    await expectProblem({ status: statusCode, headers, body }, 404, "API_NOT_FOUND");
  });

  test.each([
    ["exactly 100 levels", nested(100)],
    ["as many brackets as it likes inside a text", `{"id":"1","order":"A","note":"${String.raw`\"[`}${"[".repeat(1_000)}"}`],
    ["a byte order mark before it", `\uFEFF${good}`],
    ["lone surrogates and NUL where no key is read", String.raw`{"id":"1","order":"A","note":"\ud800 \u0000"}`],
    ["two and a half megabytes", JSON.stringify({ id: "1", order: "A", note: "x".repeat(2_500_000) })],
  ])("with %s is taken in", async (_name, body) => {
    expect(await post(shopUrl, body)).toMatchObject({ status: 202 });
    expect((await countStored(database.db))["messages"]).toBe(2);
  });

  test.each(["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.shop.v2+json", "application/json;"])(
    "of type %s is taken in",
    async (type) => {
      expect(await post(shopUrl, good, sign(good, { "content-type": type }))).toMatchObject({ status: 202 });
    },
  );

  test("with an id as long as an id may be is taken in, without being mistaken for a wrong order key", async () => {
    expect(
      JSON.parse((await post(shopUrl, good, sign(good, { "x-delivery": "x".repeat(512), "x-type": "order.loose" }))).body),
    ).toMatchObject({ outcome: "accepted" });
  });

  test.each(["nobody.listens", "unknown.type", "constructor", "__proto__"])(
    "of type %s, which no flow listens to, is acknowledged and not stored",
    async (type) => {
      const answer = await post(shopUrl, good, sign(good, { "x-type": type }));
      expect([answer.status, JSON.parse(answer.body)]).toEqual([202, { outcome: "ignored", reason: `No flow listens to "${type}".` }]);
      expect(await countStored(database.db)).toEqual(nothing);
    },
  );

  test("that does not fit its schema is kept as a dead letter for each flow", async () => {
    const answer = await post(shopUrl, '{"order":"A"}');
    expect([answer.status, JSON.parse(answer.body)]).toEqual([202, { outcome: "quarantined", event: "d-1" }]);
    expect(await countStored(database.db)).toEqual({ ...nothing, deadLetters: 2, keys: 2 });
  });

  test.each([
    ["has a NUL", '"a\\u0000b"'],
    ["has a lone surrogate", '"\\ud800"'],
    ["is empty", '""'],
    ["has 513 characters", `"${"x".repeat(513)}"`],
    ["is missing", "null"],
    ["is an object", "{}"],
    ["is a list", '["a"]'],
    ["is true", "true"],
  ])("whose order key %s is kept as a dead letter of that flow, while the other runs", async (_name, order) => {
    await post(shopUrl, `{"id":"1","order":${order}}`);
    expect(await countStored(database.db)).toMatchObject({ deadLetters: 1, messages: 1 });
    const { rows } = await sql`select flow, code from belay.dead_letter`.execute(database.db);
    expect(rows).toEqual([{ flow: "book", code: "CONTRACT_KEY_INVALID" }]);
  });

  test.each(['"yesterday"', "1.5", "null", "1e300", "{}", "true"])(
    "whose version is %s is kept as a dead letter of that flow, while the other runs",
    async (at) => {
      await post(shopUrl, `{"id":"1","order":"A","at":${at}}`);
      expect(await countStored(database.db)).toMatchObject({ deadLetters: 1, messages: 1 });
    },
  );

  test("that comes twenty times at once is accepted once", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(shopUrl, good)));
    expect(answers.map(({ body }) => (JSON.parse(body) as { outcome: string }).outcome).toSorted()).toEqual([
      "accepted",
      ...Array.from({ length: 19 }, () => "duplicate"),
    ]);
    expect(await countStored(database.db)).toMatchObject({ messages: 2, keys: 2 });
  });

  test("that comes again under another id, which the signature does not cover, is a duplicate by its bytes", async () => {
    await post(shopUrl, good);
    expect(JSON.parse((await post(shopUrl, good, sign(good, { "x-delivery": "d-2" }))).body)).toMatchObject({ outcome: "duplicate" });
    expect(
      JSON.parse((await post(shopUrl, '{"id":"o-2","order":"A"}', sign('{"id":"o-2","order":"A"}', { "x-delivery": "d-2" }))).body),
    ).toMatchObject({ outcome: "duplicate" });
    expect((await countStored(database.db))["messages"]).toBe(2);
  });

  test("announced as too large is refused before its body has come", async () => {
    const answer = await raw(head("POST", tillUrl, { ...sign("x"), "content-length": "5000000" }));
    await expectProblem(answer, 413, "INGRESS_BODY_TOO_LARGE");
    expect(answer.headers["connection"]).toBe("close");
  });

  test("that turns out too large is refused while it comes", async () => {
    const chunk = `${(1_000).toString(16)}\r\n${"x".repeat(1_000)}\r\n`;
    await expectProblem(
      await raw(head("POST", tillUrl, { ...sign("x"), "transfer-encoding": "chunked" }), chunk, chunk, chunk, chunk),
      413,
      "INGRESS_BODY_TOO_LARGE",
    );
  });

  test("in chunks is taken in like any other", async () => {
    const pieces = good.split("").map((character) => `1\r\n${character}\r\n`);
    const answer = await raw(
      head("POST", shopUrl, { ...sign(good), "transfer-encoding": "chunked", connection: "close" }),
      ...pieces,
      "0\r\n\r\n",
    );
    expect(answer.status).toBe(202);
  });

  test("whose sender goes away in the middle stores nothing, and the next is served", async () => {
    const socket = connect(port, "127.0.0.1");
    socket.write(head("POST", shopUrl, { ...sign(good), "content-length": String(good.length) }));
    socket.end(good.slice(0, 5));
    socket.resume();
    await once(socket, "close");
    expect(await countStored(database.db)).toEqual(nothing);
    expect(await post(shopUrl, good)).toMatchObject({ status: 202 });
  });

  test("with a signature twice is refused", async () => {
    const headers = sign(good);
    const twice = head("POST", shopUrl, { ...headers, "content-length": String(good.length), connection: "close" }).replace(
      "\r\n\r\n",
      `\r\nx-signature: ${headers["x-signature"]}\r\n\r\n`,
    );
    await expectProblem(await raw(twice, good), 401, "INGRESS_SIGNATURE_WRONG");
  });

  test.each([
    [
      "two lengths",
      head("POST", shopUrl, { ...sign(good), "content-length": "24" }).replace("\r\n\r\n", "\r\ncontent-length: 10\r\n\r\n"),
      400,
    ],
    ["a length and chunks", head("POST", shopUrl, { ...sign(good), "content-length": "24", "transfer-encoding": "chunked" }), 400],
    ["a length that is no number", head("POST", shopUrl, { ...sign(good), "content-length": "ten" }), 400],
    ["a header name with a space", head("POST", shopUrl, { "bad name": "x" }), 400],
    ["a NUL in a header", head("POST", shopUrl, { "x-type": "a\0b" }), 400],
    ["headers beyond all measure", head("POST", shopUrl, { "x-type": "x".repeat(100_000) }), 431],
    ["no HTTP at all", "\x16\x03\x01\x02\r\n\r\n", 400],
  ])("with %s is refused as no HTTP", async (_name, text, status) => {
    await expectProblem(await raw(text), status, "API_REQUEST_INVALID");
  });

  test("goes on with the trace of its sender, if it is one, and begins a new one else", async () => {
    const trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await post(shopUrl, good, sign(good, { traceparent: trace }));
    await post(tillUrl, ids("2"), sign(ids("2"), { traceparent: "00-zz" }));
    const { rows } = await sql<{ trace: string }>`select trace from belay.message order by id`.execute(database.db);
    const [first, second, third] = rows.map((row) => row.trace);
    // The receipt is a span of its own, and whether it is sampled the sender does not decide.
    expect(first).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-00$/);
    expect(second).toBe(first);
    expect(third).toMatch(/^00-(?!0af7)[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });

  test("that was refused is counted by its reason", () => {
    expect(ingress.counters.under("ingress.rejected.")).toMatchObject({
      "unknown-endpoint": expect.any(Number),
      "malformed-body": expect.any(Number),
      "wrong-signature": expect.any(Number),
    });
    expect(catalog.endpoints.size).toBe(2);
  });
});
