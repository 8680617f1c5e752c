/* The caller of the proxy benchmark: a process of its own. Half of the small requests are reads, half carry a kilobyte. */
import { Readable } from "node:stream";
import { Agent } from "undici";
import type { ProxyLoad, ProxyOrder } from "./index.ts";

const token = "Bearer bench-bench-bench";
const body = JSON.stringify({ filler: "x".repeat(1_000) });

async function ask(agent: Agent, origin: string, index: number): Promise<void> {
  const answer = await agent.request(
    index % 2 === 0
      ? { origin, method: "GET", path: "/v1/proxy/acme/things/1", headers: { authorization: token } }
      : {
          origin,
          method: "POST",
          path: "/v1/proxy/acme/things",
          headers: { authorization: token, "content-type": "application/json" },
          body,
        },
  );
  const bytes = await answer.body.arrayBuffer();
  if (answer.statusCode !== 200 || bytes.byteLength < 1_000)
    throw new Error(`Answered ${answer.statusCode} with ${bytes.byteLength} bytes.`);
}

async function small(agent: Agent, { url, requests, connections }: ProxyOrder): Promise<ProxyLoad> {
  const durations: number[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < requests) {
      const startedAt = performance.now();
      await ask(agent, url, next++);
      durations.push(performance.now() - startedAt);
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, caller));
  const seconds = (performance.now() - startedAt) / 1_000;
  const sorted = durations.toSorted((a, b) => a - b);
  return { perSecond: requests / seconds, p50Ms: sorted[Math.floor(sorted.length / 2)] ?? 0, bytes: 0 };
}

async function download(agent: Agent, { url, bytes }: ProxyOrder): Promise<ProxyLoad> {
  const startedAt = performance.now();
  const answer = await agent.request({
    origin: url,
    method: "GET",
    path: `/v1/proxy/acme/large/${bytes}`,
    headers: { authorization: token },
  });
  let got = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) got += chunk.length;
  return { perSecond: got / 1_000 / (performance.now() - startedAt), p50Ms: 0, bytes: got };
}

async function upload(agent: Agent, { url, bytes }: ProxyOrder): Promise<ProxyLoad> {
  const piece = Buffer.alloc(64 * 1024, "y");
  let left = bytes;
  const source = new Readable({
    read() {
      const chunk = left < piece.length ? piece.subarray(0, left) : piece;
      left -= chunk.length;
      this.push(chunk.length === 0 ? null : chunk);
    },
  });
  const startedAt = performance.now();
  const answer = await agent.request({
    origin: url,
    method: "POST",
    path: "/v1/proxy/acme/sink",
    headers: { authorization: token, "content-length": String(bytes), "content-type": "application/octet-stream" },
    body: source,
  });
  const { bytes: taken } = (await answer.body.json()) as { bytes: number };
  return { perSecond: taken / 1_000 / (performance.now() - startedAt), p50Ms: 0, bytes: taken };
}

const kinds = { small, download, upload };

process.on("message", (order: ProxyOrder) => {
  const agent = new Agent({ connections: order.connections, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
  kinds[order.kind](agent, order)
    .then(async (figures) => {
      await agent.destroy();
      return figures;
    })
    .then(
      (figures) => process.send?.(figures),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
