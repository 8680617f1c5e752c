import { appendFileSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

export interface Sink extends AsyncDisposable {
  readonly url: string;
}

/** Takes what goes to a collector and to an error tracker, and keeps it in a file. */
export async function startSink(file: string): Promise<Sink> {
  const server = createServer((request, response) => {
    appendFileSync(file, `${request.url} ${JSON.stringify(request.headers)}\n`);
    request.on("data", (chunk: Buffer) => appendFileSync(file, chunk));
    request.on("end", () => response.writeHead(200, { "content-type": "application/json" }).end("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
