import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { createServer } from "./create-server.ts";

const silent = { debug: (): void => {}, info: (): void => {}, warn: (): void => {}, error: (): void => {} };
const request = "GET /thing HTTP/1.1\r\nhost: a\r\n\r\n";
let server: FastifyInstance | undefined;
const opened: Socket[] = [];

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await server?.close();
});

/** A server of at most three connections; what it is asked for it answers when it is told to. */
async function start(streaming = new WeakSet<Socket>()): Promise<{ come: () => Promise<Socket>; answer: () => void; accepted: Socket[] }> {
  const answers: (() => void)[] = [];
  const accepted: Socket[] = [];
  server = createServer(silent, streaming, [], 3);
  server.get("/thing", async () => await new Promise((resolve) => answers.push(() => resolve("a thing"))));
  server.server.on("connection", (socket: Socket) => accepted.push(socket));
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { port } = server.server.address() as AddressInfo;
  const come = async (): Promise<Socket> => {
    const arrived = once(server!.server, "connection");
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    opened.push(socket);
    await arrived;
    return socket;
  };
  const answer = (): void => {
    for (const each of answers.splice(0)) each();
  };
  return { come, answer, accepted };
}

/** Resolves with what has come when the server has closed it, or at once when it has come. */
const heard = async (socket: Socket): Promise<string> =>
  await new Promise((resolve) => {
    socket.once("close", () => resolve("closed"));
    socket.once("data", (data) => resolve(String(data).split("\r\n")[0]!));
  });

async function untilAsked(count: number): Promise<void> {
  const seen = Promise.withResolvers<void>();
  let asked = 0;
  server!.server.on("request", () => {
    if ((asked += 1) === count) seen.resolve();
  });
  await seen.promise;
}

test("whoever comes when all places are taken takes that of the one that has been silent for longest", async () => {
  const { come, answer } = await start();
  const [dripping, second, third] = [await come(), await come(), await come()];
  dripping.write("POST /thing HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nx");
  second.write("GET /th");
  const closed = heard(dripping);
  const fourth = await come();
  expect(await closed).toBe("closed");
  const asked = untilAsked(3);
  second.write("ing HTTP/1.1\r\nhost: a\r\n\r\n");
  for (const socket of [third, fourth]) socket.write(request);
  await asked;
  const answered = Promise.all([second, third, fourth].map(heard));
  answer();
  expect(await answered).toEqual(Array.from({ length: 3 }, () => "HTTP/1.1 200 OK"));
});

test("who waits for an answer keeps its place, and the newest finds none", async () => {
  const { come, answer } = await start();
  const busy = [await come(), await come(), await come()];
  const asked = untilAsked(3);
  for (const socket of busy) socket.write(request);
  await asked;
  expect(await heard(await come())).toBe("closed");
  const answered = Promise.all(busy.map(heard));
  answer();
  expect(await answered).toEqual(busy.map(() => "HTTP/1.1 200 OK"));
});

test("one that has had its answer is silent from then on, and one whose body streams is spared", async () => {
  const streaming = new WeakSet<Socket>();
  const { come, answer, accepted } = await start(streaming);
  const [streamed, first, second] = [await come(), await come(), await come()];
  streaming.add(accepted[0]!);
  const asked = untilAsked(1);
  first.write(request);
  await asked;
  const answered = heard(first);
  answer();
  expect(await answered).toBe("HTTP/1.1 200 OK");
  const closed = heard(second);
  await come();
  expect(await closed).toBe("closed");
  expect([streamed.destroyed, first.destroyed]).toEqual([false, false]);
  const closedToo = heard(first);
  await come();
  expect(await closedToo).toBe("closed");
});
