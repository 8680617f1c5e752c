import { AsyncLocalStorage } from "node:async_hooks";
import type { Dispatcher } from "undici";
import { isBelayError } from "../errors/belay-error.ts";
import type { BelayError } from "../errors/belay-error.ts";
import { httpError } from "./errors.ts";
import type { AnswerSink, OutboundRequest, OutboundResponse, Send } from "./outbound.ts";
import { permitEnded } from "./rate-budget.ts";

export interface SendOptions {
  readonly dispatcher: Dispatcher;
  /** `https://host:port`, as a URL parser writes it. */
  readonly origin: string;
  /** Largest answer that is read. */
  readonly maxResponseBytes: number;
}

/**
 * Calls what it is given as if no operation ran. A connection that stays open keeps timers, and a timer keeps what was current when it was made: with the operation
 * that used the connection last, all that this one has ever seen would stay in memory.
 */
const outsideOperations = AsyncLocalStorage.snapshot();

/**
 * The end of the pipeline: one exchange over the wire, the answer read to its end or its connection destroyed. Redirects are
 * answers like any other. Each error says in `details.sent` whether bytes of the request may have left.
 */
export function send(options: SendOptions): Send {
  return (request) =>
    new Promise((resolve, reject) => {
      const exchange = new Exchange(request, options.maxResponseBytes, resolve, reject);
      if (exchange.over) return;
      try {
        outsideOperations(() =>
          options.dispatcher.dispatch(
            {
              origin: request.origin ?? options.origin,
              path: request.path,
              method: request.method,
              headers: request.headers,
              body: request.stream?.source ?? bodyOf(request.body),
            },
            exchange,
          ),
        );
      } catch (error) {
        exchange.fail(error);
      }
    });
}

function bodyOf(body: OutboundRequest["body"]): string | Buffer | null {
  if (body === undefined || typeof body === "string") return body ?? null;
  return Buffer.isBuffer(body) ? body : Buffer.from(body);
}

/** Follows one exchange; settles its promise once. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #request: OutboundRequest;
  readonly #maxBytes: number;
  readonly #resolve: (response: OutboundResponse) => void;
  readonly #reject: (error: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #sent = false;
  #status = 0;
  #headers: OutboundResponse["headers"] = {};
  #chunks: Buffer[] = [];
  #bytes = 0;
  #bytesOut = 0;
  /** Takes the body of this answer, in the place of `#chunks`. */
  #sink: AnswerSink | undefined;
  #sinkIsFull = false;

  constructor(request: OutboundRequest, maxBytes: number, resolve: (response: OutboundResponse) => void, reject: (error: unknown) => void) {
    this.#request = request;
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
    if (request.signal?.aborted === true) this.#onAbort();
    else if (request.timeLimit?.isUp === true) this.#onTimeUp();
    else {
      request.signal?.addEventListener("abort", this.#onAbort, { once: true });
      request.timeLimit?.whenUp(this.#onTimeUp);
    }
  }

  get over(): boolean {
    return this.#over;
  }

  /** The connection stands and the request is the next on it: the last moment at which nothing has left. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    // Throwing here, unlike aborting, keeps the connection for others. This request was cancelled while it waited for one.
    if (this.#over) throw new Error("cancelled");
    if (this.#request.permit?.holds?.() === false) {
      const error = permitEnded(this.#request.label);
      this.#settle();
      this.#reject(error);
      throw error;
    }
    if (this.#request.write !== undefined && this.#request.operation !== undefined) {
      try {
        this.#request.operation.beforeWrite();
      } catch (error) {
        this.#settle();
        this.#reject(error);
        throw error;
      }
    }
    this.#controller = controller;
    this.#sent = true;
  }

  /** A piece of a streamed body has left. */
  onBodySent(chunk: Uint8Array): void {
    const { stream } = this.#request;
    if (stream?.source === undefined) return;
    stream.moved += chunk.byteLength;
    this.#bytesOut += chunk.byteLength;
    if (this.#bytesOut > stream.maxSourceBytes) this.#refuseSource(stream.maxSourceBytes);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: OutboundResponse["headers"]): void {
    if (status < 200 || this.#over) return;
    this.#status = status;
    this.#headers = headers;
    const { stream } = this.#request;
    if (stream !== undefined) {
      stream.moved += 1;
      if (stream.sink.begin(status, headers)) {
        this.#sink = stream.sink;
        stream.begun = true;
        stream.sink.onDrain(() => {
          this.#sinkIsFull = false;
          stream.moved += 1;
          controller.resume();
        });
        return;
      }
    }
    if (Number(headers["content-length"]) > this.#maxBytes && this.#request.method !== "HEAD") this.#refuseBody();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#over) return;
    this.#bytes += chunk.length;
    if (this.#request.stream !== undefined) this.#request.stream.moved += chunk.length;
    if (this.#sink !== undefined) {
      this.#sinkIsFull = !this.#sink.write(chunk);
      if (this.#sinkIsFull) controller.pause();
      return;
    }
    if (this.#bytes > this.#maxBytes) this.#refuseBody();
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#over) return;
    this.#settle();
    if (this.#sink !== undefined) {
      this.#sink.end();
      this.#resolve({ status: this.#status, headers: this.#headers, body: "", streamedBytes: this.#bytes });
      return;
    }
    const [first] = this.#chunks;
    const bytes = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks);
    this.#resolve({ status: this.#status, headers: this.#headers, body: bytes.toString("utf8"), bytes });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.fail(error);
  }

  /** Ends the exchange with what went wrong on the way. */
  fail(error: unknown): void {
    if (this.#over) return;
    this.#settle();
    const { label } = this.#request;
    if (isBelayError(error)) this.#reject(error);
    else if (this.#sent)
      this.#reject(
        httpError("HTTP_CONNECTION_LOST", `${label}: the connection broke.`, { cause: withoutBytes(error), details: { sent: true } }),
      );
    else this.#reject(connectError(label, error));
  }

  readonly #onAbort = (): void => {
    const reason: unknown = this.#request.signal?.reason;
    if (isBelayError(reason)) this.#cancel(reason);
    else this.#cancel(httpError("HTTP_ABORTED", `${this.#request.label}: cancelled.`, { cause: reason, details: { sent: this.#sent } }));
  };

  readonly #onTimeUp = (): void => {
    if (this.#over) return;
    const { label } = this.#request;
    const options = { details: { sent: this.#sent } };
    this.#cancel(
      this.#waitsForCaller()
        ? httpError("HTTP_ABORTED", `${label}: the caller neither sent nor took anything for too long.`, options)
        : httpError("HTTP_TIMEOUT", `${label}: the provider did not answer in time.`, options),
    );
  };

  #cancel(error: BelayError): void {
    this.#settle();
    this.#reject(error);
    this.#controller?.abort(new Error("cancelled"));
  }

  /** That nothing moves says nothing about the provider. */
  #waitsForCaller(): boolean {
    const source = this.#request.stream?.source;
    return this.#sinkIsFull || (this.#sent && source !== undefined && !source.readableEnded && !source.isPaused());
  }

  #refuseSource(limitBytes: number): void {
    if (this.#over) return;
    this.#settle();
    this.#reject(
      httpError("HTTP_REQUEST_TOO_LARGE", `${this.#request.label}: the request is larger than ${limitBytes} bytes.`, {
        details: { sent: true, limitBytes },
      }),
    );
    this.#controller?.abort(new Error("request too large"));
  }

  #refuseBody(): void {
    if (this.#over) return;
    this.#settle();
    this.#reject(
      httpError("HTTP_BODY_TOO_LARGE", `${this.#request.label}: the answer is larger than ${this.#maxBytes} bytes.`, {
        details: { sent: true, answered: this.#status, limitBytes: this.#maxBytes },
      }),
    );
    this.#controller?.abort(new Error("body too large"));
  }

  #settle(): void {
    this.#over = true;
    this.#request.signal?.removeEventListener("abort", this.#onAbort);
  }
}

/** Which of the ways in which no connection came about. Node tells them apart by the code of its errors. */
function connectError(label: string, cause: unknown): BelayError {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  const options = { cause, details: { sent: false, ...(code !== "" && { cause: code }) } };
  if (code === "ENOTFOUND") return httpError("HTTP_HOST_UNKNOWN", `${label}: the name of the host is not known.`, options);
  if (isTlsCode(code)) return httpError("HTTP_TLS_FAILED", `${label}: no trusted connection (${code}).`, options);
  return httpError("HTTP_CONNECT_FAILED", `${label}: no connection${code === "" ? "" : ` (${code})`}.`, options);
}

/** Verdicts on certificates have names of their own. @see https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function isTlsCode(code: string): boolean {
  return /^(ERR_TLS|ERR_SSL|EPROTO$|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH$|CRL_|INVALID_CA$|INVALID_PURPOSE$)/.test(
    code,
  );
}

/** The parser's errors carry the bytes they stumbled over, which may be a body. */
function withoutBytes(error: unknown): unknown {
  if (!(error instanceof Error) || !("data" in error)) return error;
  return new Error(error.message);
}
