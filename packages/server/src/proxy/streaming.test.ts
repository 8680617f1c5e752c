import { request as requestHttp } from "node:http";
import { expect, test } from "vitest";
import { echo, startProxied, token } from "./__fixtures__/proxied.ts";

test("when the caller goes away the provider's request is ended too", async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  await using proxied = await startProxied((_request, response) => {
    response.on("close", ended.resolve);
    response.writeHead(200);
    response.write("some", () => begun.resolve());
  });
  const controller = new AbortController();
  const answer = await fetch(`${proxied.url}/v1/proxy/acme-bank/x`, {
    headers: { authorization: `Bearer ${token}` },
    signal: controller.signal,
  });
  await begun.promise;
  controller.abort();
  await expect(answer.text()).rejects.toThrow();
  await ended.promise;
  await expect.poll(() => proxied.ended[0]?.refusal, { interval: 5 }).toBe("HTTP_ABORTED");
});

test("an answer that breaks off is not made to look complete, nor asked for again", async () => {
  await using proxied = await startProxied((_request, response) => {
    response.writeHead(200, { "content-length": "200000" });
    response.write("x".repeat(100_000), () => response.destroy());
  });
  await expect(proxied.call()).rejects.toThrow();
  expect(proxied.seen).toHaveLength(1);
  await expect.poll(() => proxied.ended[0]?.refusal, { interval: 5 }).toBe("HTTP_CONNECTION_LOST");
});

test("a provider that says nothing, and one that stops in the middle, are given up", async () => {
  await using silent = await startProxied(() => {}, { idleTimeoutMs: 60 });
  const answer = await silent.call({ method: "POST", body: "{}" });
  expect([answer.status, answer.headers["x-belay-code"]]).toEqual([502, "HTTP_OUTCOME_UNKNOWN"]);
  await using stopping = await startProxied(
    (_request, response) => {
      response.writeHead(200, { "content-length": "200000" });
      response.write("x".repeat(100_000));
    },
    { idleTimeoutMs: 60 },
  );
  await expect(stopping.call()).rejects.toThrow();
  await expect.poll(() => stopping.ended[0]?.refusal, { interval: 5 }).toBe("HTTP_TIMEOUT");
});

test("a caller that takes nothing, or sends nothing, is given up, and the provider is not to blame", async () => {
  await using proxied = await startProxied(
    (_request, response) => {
      response.writeHead(200, { "content-length": String(50_000_000) });
      response.end(Buffer.alloc(50_000_000));
    },
    { idleTimeoutMs: 150 },
  );
  const taking = requestHttp(`${proxied.url}/v1/proxy/acme-bank/x`, { headers: { authorization: `Bearer ${token}` } });
  taking.on("error", () => {});
  taking.on("response", (answer) => answer.on("error", () => {}).pause());
  taking.end();
  await expect.poll(() => proxied.ended[0]?.refusal, { interval: 5, timeout: 60_000 }).toBe("HTTP_ABORTED");
  await using hungry = await startProxied((request) => void request.resume(), { idleTimeoutMs: 100 });
  const starving = requestHttp(`${hungry.url}/v1/proxy/acme-bank/x`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-length": "1000000" },
  });
  starving.on("error", () => {});
  starving.write("x".repeat(70_000));
  await expect.poll(() => hungry.ended[0]?.refusal, { interval: 5, timeout: 60_000 }).toBe("HTTP_ABORTED");
  starving.destroy();
});

test("a request larger than the limit is refused when it says so, and cut off when it does not", async () => {
  await using proxied = await startProxied(echo, { maxRequestBytes: 100_000 });
  const announced = await proxied.call({ method: "POST", body: "x".repeat(100_001) });
  expect([announced.status, announced.headers["x-belay-code"]]).toEqual([413, "PROXY_REQUEST_TOO_LARGE"]);
  expect(proxied.seen).toEqual([]);
  const chunked = requestHttp(`${proxied.url}/v1/proxy/acme-bank/x`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
  const told = new Promise<string>((resolve, reject) => {
    chunked.on("response", (answer) => resolve(String(answer.headers["x-belay-code"])));
    chunked.on("error", reject);
  });
  for (let index = 0; index < 4; index += 1) chunked.write("x".repeat(50_000));
  expect(await told).toBe("HTTP_REQUEST_TOO_LARGE");
  chunked.destroy();
});

test("a provider's answer to a request that it does not want whole reaches the caller", async () => {
  await using proxied = await startProxied((_request, response) => response.writeHead(413, { connection: "close" }).end("too much"));
  const sent = requestHttp(`${proxied.url}/v1/proxy/acme-bank/x`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-length": "500000000" },
  });
  sent.on("error", () => {});
  const status = new Promise((resolve) => sent.on("response", (answer) => resolve([answer.statusCode, answer.headers["x-belay-source"]])));
  sent.write("x".repeat(70_000));
  expect(await status).toEqual([413, "provider"]);
  sent.destroy();
});

test("a provider that reads slowly slows the caller down", async () => {
  let taken = 0;
  const held = Promise.withResolvers<void>();
  await using proxied = await startProxied((request, response) => {
    request.once("data", (chunk: Buffer) => {
      taken += chunk.length;
      request.pause();
      held.resolve();
    });
    request.on("data", (chunk: Buffer) => (taken += chunk.length));
    request.on("end", () => response.end("ok"));
  });
  const total = 64 * 1024 * 1024;
  const sent = requestHttp(`${proxied.url}/v1/proxy/acme-bank/x`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-length": String(total) },
  });
  sent.on("error", () => {});
  let written = 0;
  const chunk = Buffer.alloc(64 * 1024);
  const write = (): void => {
    while (written < total) {
      written += chunk.length;
      if (!sent.write(chunk)) {
        sent.once("drain", write);
        return;
      }
    }
  };
  write();
  await held.promise;
  let before = -1;
  await expect
    .poll(
      () => {
        const still = written === before;
        before = written;
        return still;
      },
      { interval: 100, timeout: 60_000 },
    )
    .toBe(true);
  // What fits into the buffers of sockets on the way, and no more.
  expect(written).toBeLessThan(24 * 1024 * 1024);
  sent.destroy();
});
