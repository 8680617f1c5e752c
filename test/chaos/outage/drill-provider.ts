import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A call as the provider saw it. */
export interface SeenCall {
  readonly connection: string;
  readonly key: string;
  readonly sequence: number;
  readonly idempotencyKey: string;
  /** By the moved clock, ms. */
  readonly at: number;
}

/** A provider on loopback that can be away: then it answers nothing but 503, and counts who calls all the same. */
export class DrillProvider {
  readonly #now: () => number;
  readonly #server: Server;
  readonly calls: SeenCall[] = [];
  /** When it was called while it was away. */
  readonly whileAway: number[] = [];
  away = false;

  constructor(now: () => number) {
    this.#now = now;
    this.#server = createServer((request, response) => {
      let text = "";
      request.setEncoding("utf8");
      request.on("data", (part: string) => void (text += part));
      request.on("end", () => {
        const at = this.#now();
        if (this.away) {
          this.whileAway.push(at);
          response.writeHead(503).end();
          return;
        }
        const { connection, key, sequence } = JSON.parse(text) as { connection: string; key: string; sequence: number };
        this.calls.push({ connection, key, sequence, idempotencyKey: String(request.headers["idempotency-key"]), at });
        response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id: String(this.calls.length) }));
      });
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  async listen(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }
}
