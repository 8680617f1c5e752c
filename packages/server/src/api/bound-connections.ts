import type { Server } from "node:http";
import type { Socket } from "node:net";

/** Enough for tens of thousands of requests a second, far below the files that a process may have open: it also needs some for the database and for providers. */
export const defaultMostConnections = 4_096;

/**
 * Bounds how many connections a server has. Whoever comes when there are as many as there may be takes the place of the one that has said nothing for longest: a connection
 * that is kept alive, or a sender who never comes to the end of a request. So those who open connections only to hold them lock nobody out. Where all of them wait for an
 * answer, the newest is closed.
 *
 * @param streaming Connections whose bodies may take long to arrive: they are spared.
 */
export function boundConnections(server: Server, streaming: WeakSet<Socket>, most = defaultMostConnections): void {
  /** Of which no whole request has arrived; the one that has been silent for longest comes first. */
  const silent = new Set<Socket>();
  let open = 0;
  server.on("connection", (socket: Socket) => {
    open += 1;
    silent.add(socket);
    socket.once("close", () => {
      open -= 1;
      silent.delete(socket);
    });
    if (open <= most) return;
    const evicted = longestSilent(silent, streaming);
    // It closes later: another one that comes in the meantime must not have the same place.
    silent.delete(evicted);
    evicted.destroy();
  });
  server.on("request", (request, response) => {
    const { socket } = request;
    const arrived = (): void => void silent.delete(socket);
    if (request.headers["content-length"] === undefined && request.headers["transfer-encoding"] === undefined) arrived();
    else request.once("end", arrived);
    response.once("close", () => {
      if (socket.destroyed) return;
      silent.delete(socket);
      silent.add(socket);
    });
  });
}

/** Never empty: it begins with the one that has come just now, should all others be busy. */
function longestSilent(silent: ReadonlySet<Socket>, streaming: WeakSet<Socket>): Socket {
  let newest: Socket | undefined;
  for (const socket of silent) {
    if (!streaming.has(socket)) return socket;
    newest = socket;
  }
  if (newest === undefined) throw new Error("A connection that has just come is silent.");
  return newest;
}
