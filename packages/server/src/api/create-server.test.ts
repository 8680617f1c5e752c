import { Socket } from "node:net";
import { expect, test } from "vitest";
import { createServer } from "./create-server.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };

test("a request that takes too long to arrive is ended, unless its body flows on and is watched there", async () => {
  const [flowing, slow] = [new Socket(), new Socket()];
  await using server = createServer(silent, new WeakSet([flowing]));
  await server.ready();
  // Nobody is connected to them; what is written fails.
  for (const socket of [flowing, slow]) socket.on("error", () => {});
  const tooLong = Object.assign(new Error("Request timeout"), { code: "ERR_HTTP_REQUEST_TIMEOUT" });
  for (const socket of [flowing, slow]) server.server.emit("clientError", tooLong, socket);
  expect([flowing.writableEnded, slow.writableEnded]).toEqual([false, true]);
  const broken = Object.assign(new Error("reset"), { code: "ECONNRESET" });
  server.server.emit("clientError", broken, flowing);
  expect(flowing.destroyed).toBe(true);
});
