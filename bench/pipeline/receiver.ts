/*
 * The far end of every pair: answers at once and counts. A process of its own, controlled over IPC.
 * Latency is taken here: the body carries the time at which the sender sent it.
 */
import { createServer } from "node:http";

let received = 0;
let latencies: number[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    received += 1;
    const body = Buffer.concat(chunks);
    const at = body.indexOf('"sentAt":');
    if (at >= 0 && latencies.length < 2_000_000) latencies.push(Date.now() - Number.parseFloat(body.toString("latin1", at + 9, at + 30)));
    response.writeHead(200, answerHeaders).end(answer);
  });
});
const answer = '{"id":"1"}';
const answerHeaders = { "content-type": "application/json", "content-length": answer.length };
server.keepAliveTimeout = 60_000;

process.on("message", (message: { ask: "figures" | "reset" }) => {
  if (message.ask === "reset") {
    received = 0;
    latencies = [];
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  process.send?.({ received, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? 0 });
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` });
});
