import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One answer of a token endpoint: as it stands here, and nothing made up around it. */
export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: string | object;
  /** Instead of an answer: the connection ends, or stays open in silence. */
  readonly instead?: "cut" | "silence";
}

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

export interface TokenEndpoint extends AsyncDisposable {
  readonly url: string;
  /** The requests that came, in their order. */
  readonly received: readonly Received[];
  /** What comes next; the last is repeated. */
  script(...answers: readonly Scripted[]): void;
}

/** Answers on loopback with what it is told, however wrong that is. */
export async function startTokenEndpoint(): Promise<TokenEndpoint> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let answers: Scripted[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      received.push({ method, path: url, headers, body: Buffer.concat(chunks).toString() });
      const { status = 200, headers: own = {}, body = "", instead } = (answers.length > 1 ? answers.shift() : answers[0]) ?? {};
      if (instead === "silence") return;
      if (instead === "cut") {
        request.socket.destroy();
        return;
      }
      const text = typeof body === "string" ? body : JSON.stringify(body);
      // Otherwise a connection that is closed later would be taken for the next request.
      response.shouldKeepAlive = false;
      response.writeHead(status, { ...(typeof body === "object" && { "content-type": "application/json" }), ...own }).end(text);
    });
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`,
    received,
    script(...next) {
      answers = [...next];
      received.length = 0;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
