import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { afterEach, expect, test } from "vitest";
import type { Delivery } from "./delivery.ts";
import { sendTraffic } from "./send.ts";
import type { Receipt } from "./send.ts";

let server: Server | undefined;
afterEach(() => server?.close().closeAllConnections());

async function sendTo(answer: (response: ServerResponse, request: number) => void, deliveries = 1): Promise<readonly Receipt[]> {
  let requests = 0;
  server = createServer((request, response) => void request.resume().on("end", () => answer(response, (requests += 1))));
  const port = await new Promise<number>((listening) =>
    server?.listen(0, "127.0.0.1", () => listening(Number(Object(server?.address()).port))),
  );
  const delivery: Delivery = {
    kind: "unheard",
    endpoint: "e",
    event: { id: "1", type: "ping", body: "{}" },
    compose: async () => ({ headers: {}, body: "{}" }),
  };
  const receipts: Receipt[] = [];
  await sendTraffic(
    Array.from({ length: deliveries }, () => ({ at: 0, delivery })),
    {
      fetch: globalThis.fetch,
      url: `http://127.0.0.1:${port}`,
      spreadMs: 0,
      senders: 5,
      onReceipt: (receipt) => void receipts.push(receipt),
      signal: new AbortController().signal,
    },
  );
  return receipts;
}

test("every delivery ends with one receipt", async () => {
  const receipts = await sendTo((response) => response.writeHead(202).end('{"outcome":"accepted"}'), 20);
  expect(receipts.map(({ outcome, resent }) => [outcome, resent])).toEqual(Array.from({ length: 20 }, () => ["accepted", 0]));
});

test("a broken connection and a 503 are sent again, as a provider does", async () => {
  const [receipt] = await sendTo((response, request) => {
    if (request === 1) response.destroy();
    else if (request === 2) response.writeHead(503).end();
    else response.writeHead(202).end('{"outcome":"duplicate"}');
  });
  expect([receipt?.outcome, receipt?.resent]).toEqual(["duplicate", 2]);
});

test("a refusal is final and keeps its code", async () => {
  const [receipt] = await sendTo((response) => response.writeHead(401).end('{"title":"Wrong","code":"INGRESS_SIGNATURE_WRONG"}'));
  expect([receipt?.status, receipt?.outcome, receipt?.resent]).toEqual([401, "401 INGRESS_SIGNATURE_WRONG", 0]);
});
