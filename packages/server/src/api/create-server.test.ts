import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { createServer } from "./create-server.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

test("a request that takes too long to arrive is ended, unless its body flows on and is watched there", async () => {
  const streaming = new WeakSet<Socket>();
  await using server = createServer(silent, streaming);
  const { port } = new URL(await server.listen({ host: "127.0.0.1", port: 0 }));
  const callIn = async (): Promise<{ readonly there: Socket; readonly here: Socket }> => {
    const accepted = once(server.server, "connection");
    const here = connect(Number(port), "127.0.0.1");
    const [there] = (await accepted) as [Socket];
    return { there, here };
  };
  const [flowing, slow] = [await callIn(), await callIn()];
  streaming.add(flowing.there);
  const answered = once(slow.here, "data");
  const tooLong = Object.assign(new Error("Request timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
  for (const { there } of [flowing, slow]) server.server.emit("clientError", tooLong, there);
  expect(String((await answered)[0])).toMatch(/^HTTP\/1\.1 408 /);
  expect([flowing.there.writableEnded, slow.there.writableEnded]).toEqual([false, true]);
  for (const { here } of [flowing, slow]) here.destroy();
});

test.each([
  ["a trusted proxy", "10.1.2.3", "203.0.113.9"],
  ["anybody else", "198.51.100.7", "198.51.100.7"],
])("where a request came from is believed of %s only", async (_who, remoteAddress, expected) => {
  await using server = createServer(silent, new WeakSet(), ["10.0.0.0/8"]);
  server.get("/whence", ({ ip }) => ip);
  const { body } = await server.inject({ url: "/whence", remoteAddress, headers: { "x-forwarded-for": "192.0.2.1, 203.0.113.9" } });
  expect(body).toBe(expected);
});

test("without a proxy that is trusted nobody is believed", async () => {
  await using server = createServer(silent);
  server.get("/whence", ({ ip }) => ip);
  const { body } = await server.inject({ url: "/whence", remoteAddress: "10.1.2.3", headers: { "x-forwarded-for": "203.0.113.9" } });
  expect(body).toBe("10.1.2.3");
});
