/*
 * The providers of all tenants. The first part of a path says whose call it is: those of noisy tenants are answered after `slowMs`, those of proxied calls after `proxiedMs`,
 * all others at once. Counts deliveries by tenant; the latency of an event counts from the time at which its sender sent it.
 */
import { createServer } from "node:http";

const [, , slowMs = "2000", proxiedMs = "20"] = process.argv;
let counts = new Map<string, number>();
let latencies: number[] = [];
const answer = '{"id":"1"}';
const headers = { "content-type": "application/json", "content-length": answer.length };

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  const tenant = request.url?.split("/")[1] ?? "";
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const give = (): void => void response.writeHead(200, headers).end(answer);
    if (request.method === "GET") {
      setTimeout(give, Number(proxiedMs));
      return;
    }
    counts.set(tenant, (counts.get(tenant) ?? 0) + 1);
    if (tenant.startsWith("noise")) {
      setTimeout(give, Number(slowMs));
      return;
    }
    const body = Buffer.concat(chunks);
    const at = body.indexOf('"sentAt":');
    if (tenant === "quiet") latencies.push(Date.now() - Number.parseFloat(body.toString("latin1", at + 9, at + 30)));
    give();
  });
});
server.keepAliveTimeout = 60_000;

process.on("message", (message: { ask: "figures" | "reset" }) => {
  if (message.ask === "reset") {
    counts = new Map();
    latencies = [];
  }
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  process.send?.({
    counts: Object.fromEntries(counts),
    received: counts.get("quiet") ?? 0,
    p50: at(0.5),
    p99: at(0.99),
    max: sorted.at(-1) ?? 0,
  });
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` });
});
