/* The provider of the proxy benchmark: answers small requests at once, gives and takes large bodies as fast as they go. */
import { createServer } from "node:http";

const small = JSON.stringify({ id: "1", filler: "x".repeat(1_000) });
const smallHeaders = { "content-type": "application/json", "content-length": small.length };
const piece = Buffer.alloc(64 * 1024, "x");

const server = createServer((request, response) => {
  if (request.url?.startsWith("/large/") === true) {
    let left = Number(request.url.slice("/large/".length));
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": left });
    const write = (): void => {
      while (left > 0) {
        const chunk = left < piece.length ? piece.subarray(0, left) : piece;
        left -= chunk.length;
        if (!response.write(chunk)) {
          response.once("drain", write);
          return;
        }
      }
      response.end();
    };
    write();
    return;
  }
  let bytes = 0;
  request.on("data", (chunk: Buffer) => (bytes += chunk.length));
  request.on("end", () => {
    if (request.url === "/sink") response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ bytes }));
    else response.writeHead(200, smallHeaders).end(small);
  });
});
server.keepAliveTimeout = 60_000;
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", () => {
  const address = server.address();
  process.send?.({ url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}` });
});
