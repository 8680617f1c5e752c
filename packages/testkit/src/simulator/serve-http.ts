import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Exchange, WireRequest } from "./wire.ts";

/** More than any API takes in one request. */
const mostBodyBytes = 4 * 1024 * 1024;

export interface HttpFront {
  /** `http://127.0.0.1:4321` */
  readonly origin: string;
  /** Drops all connections and frees the port. Calling it twice is safe. */
  close(): Promise<void>;
}

/** Puts sockets on loopback in front of the provider. `port` 0: any free one. */
export async function serveHttp(exchange: Exchange, port: number): Promise<HttpFront> {
  const server = createServer((request, response) => {
    serve(exchange, request, response).catch((error: unknown) => request.socket.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : port;
  return {
    origin: `http://127.0.0.1:${bound}`,
    close: () =>
      new Promise((resolve) => {
        // The only error is that it was closed already.
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(exchange: Exchange, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { "content-type": "text/plain", connection: "close" }).end("Payload too large");
    return;
  }
  const asked: WireRequest = {
    method: request.method ?? "GET",
    origin: `http://${request.headers.host ?? "127.0.0.1"}`,
    path: request.url ?? "/",
    headers: request.headers,
    body: body.toString("utf8"),
    bytes: body,
  };
  const outcome = await exchange(asked, () => clientGone(request));
  if (outcome.kind === "drop") {
    request.socket.destroy();
    return;
  }
  response.writeHead(outcome.answer.status, { ...outcome.answer.headers }).end(outcome.answer.body);
}

/** The body; undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > mostBodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function clientGone(request: IncomingMessage): AbortSignal {
  const controller = new AbortController();
  if (request.socket.destroyed) controller.abort();
  request.socket.once("close", () => controller.abort());
  return controller.signal;
}
