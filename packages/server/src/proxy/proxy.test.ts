import { BelayError, Secret } from "@belay/sdk";
import { expect, test } from "vitest";
import type { CredentialSource } from "./book-credentials.ts";
import { credential, echo, startProxied, token } from "./__fixtures__/proxied.ts";

test("method, path, query and body pass as they are, with the connection's credential and without the caller's", async () => {
  await using proxied = await startProxied(echo);
  const answer = await proxied.call({
    method: "PUT",
    path: "/a%2Fb/c?x=1&y=%20&url=//evil.example/../@",
    headers: {
      cookie: "session=1",
      "x-forwarded-for": "10.0.0.1",
      forwarded: "for=10.0.0.1",
      "x-belay-anything": "1",
      connection: "keep-alive, x-hop",
      "x-hop": "1",
      te: "trailers",
      "x-own": "kept",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    },
    body: "päyload",
  });
  const got = JSON.parse(answer.body) as { url: string; method: string; body: string; headers: Record<string, string> };
  expect(got).toMatchObject({ method: "PUT", url: "/base/a%2Fb/c?x=1&y=%20&url=//evil.example/../@" });
  expect(got.headers).toMatchObject({ authorization: `Bearer ${credential}`, "x-own": "kept" });
  expect(got.headers["traceparent"]).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-(?!b7ad6b7169203331)[0-9a-f]{16}-01$/);
  for (const name of ["cookie", "x-forwarded-for", "forwarded", "x-belay-anything", "x-hop", "te"])
    expect(got.headers).not.toHaveProperty(name);
  expect(JSON.stringify(got)).not.toContain(token);
});

test("a body comes through whole, short or long, announced or not", async () => {
  await using proxied = await startProxied((request, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    request.pipe(response);
  });
  for (const length of [0, 1, 65_536, 65_537, 8_000_000]) {
    const body = "abcdefgh".repeat(length / 8 + 1).slice(0, length);
    expect((await proxied.call({ method: "POST", body })).body).toBe(body);
    const unannounced = await fetch(`${proxied.url}/v1/proxy/acme-bank/x`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: new Blob([body]).stream(),
      duplex: "half",
    });
    expect(await unannounced.text()).toBe(body);
  }
});

test("the provider's answer passes with its status, without what it must not say in this origin's name, and with a mark", async () => {
  await using proxied = await startProxied((_request, response) =>
    response
      .writeHead(404, {
        "set-cookie": "a=1",
        "strict-transport-security": "max-age=1",
        "content-security-policy": "default-src *",
        "x-belay-source": "belay",
        "x-belay-code": "FORGED",
        "x-request-id": "r1",
      })
      .end("no such thing"),
  );
  const { status, body, headers } = await proxied.call();
  expect([status, body]).toEqual([404, "no such thing"]);
  expect(headers).toMatchObject({
    "x-belay-source": "provider",
    "x-request-id": "r1",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
  });
  for (const name of ["set-cookie", "strict-transport-security", "x-belay-code"]) expect(headers).not.toHaveProperty(name);
});

test.each([
  "//evil.example/",
  "/\\evil.example/",
  "/%5cevil.example/",
  "/%2f/evil.example",
  "/../admin",
  "/a/../../admin",
  "/a/..",
  "/./a",
  "/%2e%2e/admin",
  "/a/.%2E/b",
  "/a%2f..%2fb",
  "/a%2f%2e%2e",
  "/a%5c..%5cb",
  "/a\\..\\b",
])("the path %s leads nowhere", async (path) => {
  await using proxied = await startProxied(echo);
  const answer = await proxied.call({ path });
  expect([answer.status, answer.headers["x-belay-code"], answer.headers["x-belay-source"]]).toEqual([400, "PROXY_PATH_INVALID", "belay"]);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "PROXY_PATH_INVALID", class: "request-mistake" });
  expect(proxied.seen).toEqual([]);
});

test.each([
  ["/@evil.example/", "/base/@evil.example/"],
  ["/evil.example:443/", "/base/evil.example:443/"],
  ["/https://evil.example/", "/base/https://evil.example/"],
  ["/a//b", "/base/a//b"],
  ["/...", "/base/..."],
  ["/.well-known/x", "/base/.well-known/x"],
  ["/?next=//evil.example", "/base/?next=//evil.example"],
])("the path %s stays at the connection's origin", async (path, reached) => {
  await using proxied = await startProxied(echo);
  expect(JSON.parse((await proxied.call({ path })).body)).toMatchObject({ url: reached });
});

test.each([
  "http://evil.example/",
  "http://evil.example/v1/proxy/acme-bank/x",
  "//evil.example/v1/proxy/acme-bank/x",
  "/v1/proxy//evil.example/",
])("the request target %s reaches nobody", async (target) => {
  await using proxied = await startProxied(echo);
  expect((await proxied.call({ target })).status).toBeGreaterThanOrEqual(400);
  expect(proxied.seen).toEqual([]);
});

test("who has no token, and who asks for a connection that is not there, reach nobody", async () => {
  await using proxied = await startProxied(echo);
  expect((await proxied.call({ headers: { authorization: "Bearer wrong" } })).status).toBeGreaterThanOrEqual(400);
  expect((await proxied.callConnection("globex-bank")).status).toBeGreaterThanOrEqual(400);
  expect(proxied.seen).toEqual([]);
});

test("what does not come about is told in Belay's name", async () => {
  await using proxied = await startProxied(echo);
  const answer = await proxied.callConnection("acme-lost");
  expect([answer.status, answer.headers["x-belay-source"], answer.headers["x-belay-code"]]).toEqual([502, "belay", "HTTP_CONNECT_FAILED"]);
  expect(JSON.parse(answer.body)).toMatchObject({ code: "HTTP_CONNECT_FAILED", class: "network-failed", owner: "operator" });
  expect(proxied.ended).toMatchObject([{ refusal: "HTTP_CONNECT_FAILED", ok: false }]);
});

/** Fails so often, then is well. */
function failing(times: number, status = 503): Parameters<typeof startProxied>[0] {
  let left = times;
  return (request, response) => {
    if (left-- <= 0) return echo(request, response);
    request.resume();
    request.on("end", () => response.writeHead(status).end("not now"));
    return undefined;
  };
}

test("a read is repeated, and the answer says how often", async () => {
  await using proxied = await startProxied(failing(2));
  const { status, headers } = await proxied.call();
  expect([status, headers["x-belay-attempts"]]).toEqual([200, "3"]);
});

test("the last of several failures is the answer", async () => {
  await using proxied = await startProxied(failing(9));
  const { status, body, headers } = await proxied.call();
  expect([status, body, headers["x-belay-source"], headers["x-belay-attempts"]]).toEqual([503, "not now", "provider", "3"]);
  expect(proxied.ended[0]?.attempts).toHaveLength(3);
});

test.each([
  ["without a key", "POST", "/payments", {}, 1],
  ["with a key that the connector's safety covers", "POST", "/payments?x=1", { "idempotency-key": "k1" }, 3],
  ["with a key, where the provider knows none", "POST", "/notes", { "idempotency-key": "k1" }, 1],
  ["with a key, where repeating is natural", "PUT", "/notes/7", { "idempotency-key": "k1" }, 3],
  ["with a key, at a path that is not declared", "POST", "/payments/7/refund", { "idempotency-key": "k1" }, 1],
] as const)("a write %s", async (_name, method, path, headers, attempts) => {
  const keys: unknown[] = [];
  const provider = failing(2);
  await using proxied = await startProxied((request, response) => {
    keys.push(request.headers["payment-key"]);
    provider(request, response);
  });
  const { status } = await proxied.call({ method, path, headers, body: "{}" });
  expect([status, proxied.seen.length]).toEqual([attempts === 1 ? 503 : 200, attempts]);
  if (path.startsWith("/payments?")) expect(keys).toEqual(["k1", "k1", "k1"]);
});

test("a body that flows is sent once, whatever the key", async () => {
  await using proxied = await startProxied(failing(2));
  const headers = { "idempotency-key": "k1" };
  expect(await proxied.call({ method: "POST", path: "/payments", headers, body: "x".repeat(100_000) })).toMatchObject({
    status: 503,
    body: "not now",
  });
  expect(proxied.seen).toHaveLength(1);
});

test("after a 401 the credential is refreshed once, and the call repeated with the new one", async () => {
  const given = (version: number) => ({ version, fields: { token: new Secret(`token-${version}`) }, expiresAtMs: null });
  const refused: number[] = [];
  const book: CredentialSource = {
    current: () => Promise.resolve(given(1 + refused.length)),
    refused: async (_connection, version) => {
      refused.push(version);
      return given(version + 1);
    },
  };
  await using proxied = await startProxied(
    (request, response) =>
      request.headers.authorization === "Bearer token-2"
        ? echo(request, response)
        : void response.writeHead(401, { "www-authenticate": "Bearer" }).end(),
    { book },
  );
  expect((await proxied.call({ method: "POST", path: "/notes", body: "{}" })).status).toBe(200);
  expect([refused, proxied.seen.length]).toEqual([[1], 2]);
});

test("a credential that nobody renews is refused once", async () => {
  await using proxied = await startProxied((_request, response) => response.writeHead(401, { "www-authenticate": "Bearer" }).end());
  expect(await proxied.call()).toMatchObject({ status: 401, headers: { "x-belay-source": "provider" } });
  expect(proxied.seen).toHaveLength(1);
});

test("a credential that cannot be used is told in Belay's name, with when to ask again", async () => {
  const waits = new BelayError("CREDENTIAL_RENEWAL_WAITS", "It is being renewed.", { retry: { afterMs: 2_000 }, details: { waits: true } });
  const book: CredentialSource = { current: () => Promise.reject(waits), refused: () => Promise.reject(waits) };
  await using proxied = await startProxied(echo, { book });
  const { status, headers } = await proxied.call();
  expect([status, headers["x-belay-code"], headers["retry-after"]]).toEqual([503, "CREDENTIAL_RENEWAL_WAITS", "2"]);
  expect(proxied.seen).toEqual([]);
});
