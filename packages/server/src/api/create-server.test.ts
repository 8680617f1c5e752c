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
