/* node:http → undici without a framework: shows that the pass-through it is compared with is an honest one. */
import { createServer } from "node:http";
import { Agent } from "undici";

const target = new URL(process.argv[2] ?? "");
const agent = new Agent({ connections: 64, pipelining: 1 });
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    agent
      .request({
        origin: target.origin,
        path: "/records",
        method: "POST",
        body: Buffer.concat(chunks),
        headers: { "content-type": "application/json" },
      })
      .then(async (answer) => {
        await answer.body.dump();
        response.writeHead(202, { "content-type": "application/json" }).end('{"outcome":"accepted"}');
      })
      .catch(() => response.writeHead(502).end());
  });
});
server.keepAliveTimeout = 60_000;
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/in/bench-endpoint-0000` });
});
