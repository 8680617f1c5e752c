import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { credential, echo, startProxied, token } from "./__fixtures__/proxied.ts";

const authorization = `authorization: Bearer ${token}`;
const smuggled = `GET /v1/proxy/acme-bank/smuggled HTTP/1.1\r\nhost: x\r\n${authorization}\r\n\r\n`;

/** Writes bytes as they are, and gives what comes back until the connection ends. */
async function write(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  // A server that has refused may cut off what was still on its way.
  socket.on("error", () => {});
  socket.write(text);
  await once(socket, "close");
  return Buffer.concat(chunks).toString("latin1");
}

const post = (headers: readonly string[], body: string): string =>
  [`POST /v1/proxy/acme-bank/x HTTP/1.1`, "host: x", authorization, ...headers, "", body].join("\r\n");

test.each([
  ["two kinds of length", post(["content-length: 5", "transfer-encoding: chunked"], `0\r\n\r\n${smuggled}`)],
  ["two kinds of length, the other way round", post(["transfer-encoding: chunked", "content-length: 5"], `0\r\n\r\n${smuggled}`)],
  ["two lengths", post(["content-length: 0", `content-length: ${smuggled.length}`], smuggled)],
  ["a length with a sign", post([`content-length: +${smuggled.length}`], smuggled)],
  ["a hexadecimal length", post(["content-length: 0x5"], smuggled)],
  ["a length of several", post(["content-length: 5, 5"], smuggled)],
  ["an encoding behind chunked", post(["transfer-encoding: chunked, identity"], `0\r\n\r\n${smuggled}`)],
  ["an unknown encoding", post(["transfer-encoding: xchunked"], `0\r\n\r\n${smuggled}`)],
  ["a space before the colon", post([`content-length : ${smuggled.length}`], smuggled)],
  ["a line that goes on", post(["x-a: 1", " transfer-encoding: chunked"], `0\r\n\r\n${smuggled}`)],
  ["a chunk whose length is no number", post(["transfer-encoding: chunked"], `-1\r\n${smuggled}`)],
])("a request with %s is refused, and what stands behind it is not taken for another", async (_what, text) => {
  await using proxied = await startProxied(echo);
  expect(await write(proxied.url, text)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(proxied.seen.filter((each) => each.includes("smuggled"))).toEqual([]);
});

test("requests in one go are answered in their order, each with its own body and its own answer", async () => {
  const held: (() => void)[] = [];
  await using proxied = await startProxied((request, response) => {
    if (request.url === "/base/slow") held.push(() => echo(request, response));
    else echo(request, response);
    // The first is answered last.
    if (request.url === "/base/c") for (const release of held) release();
  });
  const requests = ["slow", "b", "c"].map(
    (path, index) =>
      `POST /v1/proxy/acme-bank/${path} HTTP/1.1\r\nhost: x\r\n${authorization}\r\ncontent-length: 5\r\n${index === 2 ? "connection: close\r\n" : ""}\r\nbody${index}`,
  );
  const told = await write(proxied.url, requests.join(""));
  expect([...told.matchAll(/"url":"\/base\/(\w+)"/g)].map(([, path]) => path)).toEqual(["slow", "b", "c"]);
  expect([...told.matchAll(/"body":"(\w+)"/g)].map(([, body]) => body)).toEqual(["body0", "body1", "body2"]);
});

test("line ends in path and query stay encoded, and make no header", async () => {
  await using proxied = await startProxied(echo);
  const path = "/a%0d%0ax-injected:%201?b=%0d%0ax-injected:%202";
  const { status, body, headers } = await proxied.call({ path });
  expect(status).toBe(200);
  expect(JSON.parse(body)).toMatchObject({ url: `/base${path}` });
  expect(body + JSON.stringify(headers)).not.toMatch(/"x-injected"/);
});

test("a caller cannot take the credential away, replace it, or have it named a header of one connection", async () => {
  await using proxied = await startProxied(echo);
  const { body } = await proxied.call({
    headers: { connection: "authorization, x-own", "proxy-authorization": "Basic eDp5", "x-own": "1" },
  });
  expect((JSON.parse(body) as { headers: object }).headers).toMatchObject({ authorization: `Bearer ${credential}` });
  expect(body).not.toMatch(/x-own|proxy-authorization/);
  const keyed = JSON.parse((await proxied.callConnection("acme-maps", { path: "/x?key=mine&k%65y=mine&a=1" })).body) as { url: string };
  expect(keyed.url).toBe(`/base/x?a=1&key=${credential}`);
});

test("headers that ask for another path, another method of a read, or another caller's address reach nobody", async () => {
  await using proxied = await startProxied(echo);
  const headers = {
    "x-original-url": "/admin",
    "x-rewrite-url": "/admin",
    "x-http-method-override": "DELETE",
    "x-forwarded-host": "evil.example",
    "x-host": "evil.example",
    "true-client-ip": "127.0.0.1",
    "x-client-ip": "127.0.0.1",
  };
  const got = async (method: string): Promise<string[]> =>
    Object.keys((JSON.parse((await proxied.call({ method, headers })).body) as { headers: object }).headers).filter(
      (name) => name in headers,
    );
  expect(await got("GET")).toEqual([]);
  // Of a write it is the provider's own way to name the method, and it is sent once.
  expect(await got("POST")).toEqual(["x-http-method-override"]);
});

test("an answer gives no orders to a proxy before Belay, and sets nothing for its origin", async () => {
  await using proxied = await startProxied((_request, response) =>
    response
      .writeHead(200, {
        "x-accel-redirect": "/internal/secrets",
        "x-sendfile": "/etc/passwd",
        "x-reproxy-url": "http://169.254.169.254/",
        nel: '{"report_to":"x","max_age":1}',
        "report-to": '{"group":"x"}',
        "clear-site-data": '"*"',
        "alt-svc": 'h2="evil.example:443"',
        "x-own": "kept",
      })
      .end("ok"),
  );
  const { headers } = await proxied.call();
  expect(headers).toMatchObject({ "x-own": "kept" });
  for (const name of ["x-accel-redirect", "x-sendfile", "x-reproxy-url", "nel", "report-to", "clear-site-data", "alt-svc"])
    expect(headers).not.toHaveProperty(name);
});

test("a key in the query does not come back in the address that a provider sends the caller on to", async () => {
  await using proxied = await startProxied((request, response) =>
    response
      .writeHead(307, { location: `${request.url!.replace("/x", "/x/")}`, link: `<https://maps.example${request.url}&page=2>; rel="next"` })
      .end(),
  );
  const { status, headers } = await proxied.callConnection("acme-maps", { method: "POST", path: "/x?upload_token=mine" });
  expect([status, headers.location]).toEqual([307, "/base/x/?upload_token=mine&key=[secret]"]);
  expect(JSON.stringify(headers)).not.toContain(credential);
});
