import { BelayError } from "@belay/sdk";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** A body up to this length is held in memory, and can be sent again. */
const longestHeld = 65_536;

/** A request's body: there is none, it is held, or it flows. */
export type RequestBody =
  | { readonly kind: "none" }
  | { readonly kind: "held"; readonly bytes: Buffer }
  | { readonly kind: "flows"; readonly source: Readable };

/**
 * Takes a request's body, as little as it can of it.
 *
 * @throws `PROXY_REQUEST_TOO_LARGE` when the caller announces more than `maxBytes`; `HTTP_ABORTED` when the caller goes away.
 */
export function takeBody(request: IncomingMessage, maxBytes: number): RequestBody | Promise<RequestBody> {
  const announced = request.headers["content-length"];
  if (announced === undefined && request.headers["transfer-encoding"] === undefined) return { kind: "none" };
  const length = announced === undefined ? Number.POSITIVE_INFINITY : Number(announced);
  if (announced !== undefined && length > maxBytes)
    throw new BelayError("PROXY_REQUEST_TOO_LARGE", `The request's body has ${length} bytes, and ${maxBytes} are taken.`);
  if (length === 0) return { kind: "none" };
  return length <= longestHeld ? hold(request) : { kind: "flows", source: new BodySource(request) };
}

function hold(request: IncomingMessage): Promise<RequestBody> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const [first] = chunks;
      resolve({ kind: "held", bytes: chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks) });
    });
    request.on("error", () => reject(callerGone()));
  });
}

/**
 * The body of a request on its way through. Stands between the two because whoever reads a request to the provider ends what it read from when the call ends early: the
 * caller's connection must outlive that, or it could not be answered.
 */
class BodySource extends Readable {
  readonly #request: IncomingMessage;

  constructor(request: IncomingMessage) {
    super({ highWaterMark: longestHeld });
    this.#request = request;
    request.on("data", (chunk: Buffer) => {
      if (!this.destroyed && !this.push(chunk)) request.pause();
    });
    request.on("end", () => this.push(null));
    request.on("error", () => this.destroy(callerGone()));
    request.pause();
  }

  override _read(): void {
    this.#request.resume();
  }
}

function callerGone(): BelayError {
  return new BelayError("HTTP_ABORTED", "The caller went away before its request had arrived.", {
    retry: "never",
    details: { sent: true },
  });
}
