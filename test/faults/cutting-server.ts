import { once } from "node:events";
import { createServer, type Socket } from "node:net";

/** Something on loopback that begins to answer and destroys the connection. It speaks no TLS. */
export interface CuttingServer extends AsyncDisposable {
  readonly port: number;
}

export async function startCuttingServer(): Promise<CuttingServer> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Being cut off is what this is about.
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    socket.once("data", () => {
      const head = "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n";
      socket.write(`${head}{"id":"7","te`, () => socket.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The cutting server has no port.");
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
