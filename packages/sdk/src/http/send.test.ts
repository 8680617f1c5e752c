import { Agent } from "undici";
import { expect, test } from "vitest";
import { ManualClock } from "./__fixtures__/manual-clock.ts";
import { json, startProvider } from "./__fixtures__/local-provider.ts";
import type { Answer } from "./__fixtures__/local-provider.ts";
import { requestOf } from "./__fixtures__/requests.ts";
import { attemptTimeout } from "./attempt-timeout.ts";
import { currentOperation, Operation, runInOperation } from "./operation-context.ts";
import { send } from "./send.ts";

const natural = { kind: "natural" } as const;

/** A provider and a send to it, over one connection, of answers up to 1,000 bytes. */
async function start(answer: Answer) {
  const provider = await startProvider(answer);
  const agent = new Agent({ connections: 1 });
  return {
    ...provider,
    send: send({ dispatcher: agent, origin: provider.url, maxResponseBytes: 1_000 }),
    async [Symbol.asyncDispose](): Promise<void> {
      await agent.destroy();
      await provider[Symbol.asyncDispose]();
    },
  };
}

test("sends method, path, headers and body, and reads the whole answer", async () => {
  await using wire = await start((received, response) => json(response, 201, { got: received.body, key: received.headers["x-key"] }));
  const response = await wire.send(requestOf(natural, { headers: { "x-key": "k" }, body: "päyload" }));
  expect(response.status).toBe(201);
  expect(JSON.parse(response.body)).toEqual({ got: "päyload", key: "k" });
  expect(wire.received[0]).toMatchObject({ method: "POST", url: "/api/tickets" });
});

test("a connection that stays open does not keep the operation that used it last", async () => {
  await using wire = await start((_received, response) => json(response, 200, {}));
  const agent = new Agent({ connections: 1 });
  await using _closing = { [Symbol.asyncDispose]: () => agent.destroy() };
  const seen: unknown[] = [];
  const watching = agent.compose((dispatch) => (options, handler) => {
    seen.push(currentOperation());
    return dispatch(options, handler);
  });
  const sendWatched = send({ dispatcher: watching, origin: wire.url, maxResponseBytes: 1_000 });
  const context = {
    key: "k",
    suspect: false,
    leaseCheck: () => {},
    signal: new AbortController().signal,
    deadlineAt: Number.MAX_SAFE_INTEGER,
  };
  const after = await runInOperation(context, async () => {
    await sendWatched(requestOf());
    return currentOperation()?.context;
  });
  expect(seen).toEqual([undefined]);
  expect(after).toBe(context);
});

test("a redirect is an answer and is not followed", async () => {
  await using wire = await start((_received, response) => response.writeHead(302, { location: "/elsewhere" }).end());
  expect((await wire.send(requestOf())).status).toBe(302);
  expect(wire.received).toHaveLength(1);
});

test.each<[string, Answer]>([
  ["announced", (_received, response) => response.end("x".repeat(1_001))],
  ["chunked and endless", (_received, response) => void setInterval(() => response.write("x".repeat(400)), 1).unref()],
])("an answer too large (%s) is refused and its connection is not used again", async (_name, answer) => {
  await using wire = await start(answer);
  await expect(wire.send(requestOf())).rejects.toMatchObject({
    code: "HTTP_BODY_TOO_LARGE",
    retry: "never",
    details: { limitBytes: 1_000 },
  });
});

test("a reset after sending says that bytes have left", async () => {
  await using wire = await start((_received, _response, request) => request.socket.destroy());
  await expect(wire.send(requestOf())).rejects.toMatchObject({ code: "HTTP_CONNECTION_LOST", details: { sent: true } });
});

test("a refused connection and an unknown name say that nothing has left", async () => {
  const gone = await start(() => undefined);
  await gone[Symbol.asyncDispose]();
  const agent = new Agent();
  const unknown = new Agent({ connect: { lookup: (_name, _options, callback) => callback(failure("ENOTFOUND"), []) } });
  for (const [origin, dispatcher, code] of [
    [gone.url, agent, "HTTP_CONNECT_FAILED"],
    ["http://name.invalid", unknown, "HTTP_HOST_UNKNOWN"],
  ] as const) {
    const nobody = send({ dispatcher, origin, maxResponseBytes: 1 });
    await expect(nobody(requestOf())).rejects.toMatchObject({ code, details: { sent: false } });
  }
  await Promise.all([agent.destroy(), unknown.destroy()]);
});

test.each(["CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "ERR_TLS_CERT_ALTNAME_INVALID", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"])(
  "a certificate that is not trusted (%s) is told from a network that fails",
  async (name) => {
    const agent = new Agent({ connect: (_options, callback) => callback(failure(name), null) });
    const nobody = send({ dispatcher: agent, origin: "https://provider.example", maxResponseBytes: 1 });
    await expect(nobody(requestOf())).rejects.toMatchObject({
      code: "HTTP_TLS_FAILED",
      message: expect.stringContaining(name),
      details: { sent: false },
    });
    await agent.destroy();
  },
);

function failure(code: string): Error {
  return Object.assign(new Error("as Node tells it"), { code });
}

test("a reset in the middle of the answer is a lost connection", async () => {
  await using wire = await start((_received, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("half", () => response.destroy());
  });
  await expect(wire.send(requestOf())).rejects.toMatchObject({ code: "HTTP_CONNECTION_LOST", details: { sent: true } });
});

test("an attempt that takes too long ends although the provider never answers", async () => {
  const clock = new ManualClock();
  await using wire = await start(() => clock.advance(10_000));
  const attempt = attemptTimeout(clock, 10_000)(wire.send);
  await expect(attempt(requestOf())).rejects.toMatchObject({ code: "HTTP_TIMEOUT", details: { sent: true } });
});

test("a cancelled call ends at once and says so", async () => {
  const controller = new AbortController();
  await using wire = await start(() => controller.abort());
  await expect(wire.send(requestOf(undefined, { signal: controller.signal }))).rejects.toMatchObject({
    code: "HTTP_ABORTED",
    details: { sent: true },
  });
  await expect(wire.send(requestOf(undefined, { signal: controller.signal }))).rejects.toMatchObject({
    code: "HTTP_ABORTED",
    details: { sent: false },
  });
  expect(wire.received).toHaveLength(1);
});

test("a lease lost while the write waited for a connection keeps its bytes here, and the connection alive", async () => {
  const release: (() => void)[] = [];
  await using wire = await start((received, response) => {
    if (received.method === "GET") release.push(() => response.end("{}"));
    else response.end("{}");
  });
  let held = true;
  const lost = new Error("LEASE_LOST");
  const operation = new Operation({
    key: "k",
    suspect: false,
    leaseCheck: () => {
      if (!held) throw lost;
    },
    signal: new AbortController().signal,
    deadlineAt: Number.POSITIVE_INFINITY,
  });
  const slow = wire.send(requestOf());
  const write = wire.send(requestOf(natural, { operation, body: "x" }));
  const failure = write.catch((error: unknown) => error);
  await expect.poll(() => release.length, { interval: 2 }).toBe(1);
  held = false;
  release.pop()?.();
  await slow;
  expect(await failure).toBe(lost);
  held = true;
  await expect(wire.send(requestOf(natural, { operation }))).resolves.toMatchObject({ status: 200 });
  expect(wire.received.map(({ method, body }) => `${method} ${body}`)).toEqual(["GET ", "POST "]);
});
