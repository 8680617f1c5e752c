/*
 * A stranger: sends requests that nobody signed, at a rate, to an endpoint that exists and to endpoints that do not; one in ten is large and signed wrongly, one in ten large and
 * not signed at all. Beside that it holds connections on which a request never comes to its end. Answers with what it was told.
 */
import { randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setPriority } from "node:os";
import { Agent } from "undici";

interface Order {
  readonly url: string;
  readonly endpoint: string;
  readonly rate: number;
  readonly seconds: number;
  /** Connections that are held. */
  readonly held: number;
}

const small = JSON.stringify({ id: "1", type: "thing.changed", entity: "1", sentAt: 0, filler: "f".repeat(850) });
const large = JSON.stringify({ id: "1", type: "thing.changed", entity: "1", sentAt: 0, filler: "f".repeat(256 * 1024) });
const json = { "content-type": "application/json" };
const signed = { ...json, "x-signature": "0".repeat(64) };

/** Holds connections: each says a byte of a header now and then, and comes again when it is closed. @returns what ends it. */
function hold(count: number, host: string, port: number): () => void {
  const sockets = new Set<Socket>();
  let ended = false;
  const come = (): void => {
    const socket = connect(port, host);
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      if (!ended) setTimeout(come, 100);
    });
    socket.write("POST /in/held HTTP/1.1\r\nhost: a\r\nx-slow: ");
  };
  for (let index = 0; index < count; index += 1) come();
  const drip = setInterval(() => sockets.forEach((socket) => void socket.write("x")), 1_000);
  return () => {
    ended = true;
    clearInterval(drip);
    for (const socket of sockets) socket.destroy();
  };
}

async function flood({ url, endpoint, rate, seconds, held }: Order): Promise<object> {
  const { origin, pathname, hostname, port } = new URL(url);
  const letGo = hold(held, hostname, Number(port));
  const agent = new Agent({ connections: 64, pipelining: 1 });
  const statuses: Record<string, number> = {};
  const send = async (index: number): Promise<void> => {
    // One in five guesses where webhooks arrive; the others know.
    const path = `${pathname}/${index % 5 === 0 ? randomUUID() : endpoint}`;
    const body = index % 10 === 1 || index % 10 === 2 ? large : small;
    const headers = index % 10 === 2 ? json : signed;
    const answer = await agent.request({ origin, path, method: "POST", body, headers }).catch(() => undefined);
    await answer?.body.dump();
    const status = String(answer?.statusCode ?? "none");
    statuses[status] = (statuses[status] ?? 0) + 1;
  };
  const total = rate * seconds;
  const sending: Promise<void>[] = [];
  const startedAt = performance.now();
  for (let next = 0; next < total;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * rate));
    while (next < due) sending.push(send(next++));
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(sending);
  letGo();
  await agent.close();
  return { sent: total, statuses };
}

// A stranger's processor is not ours: what it computes here is not to be missing where the true events are worked on.
setPriority(15);
process.on("message", (order: Order) => {
  flood(order).then(
    (figures) => process.send?.(figures),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });
