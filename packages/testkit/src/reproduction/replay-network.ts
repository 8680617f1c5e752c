import { BelayError, type Reproduction, type Retry } from "@belay/sdk";
import { httpErrors, type Network } from "@belay/sdk/http";
import { Dispatcher } from "undici";
import type { SkippedTime } from "./skipped-time.ts";

type Exchange = Reproduction["exchanges"][number];

export interface ReplayNetwork {
  readonly network: Network;
  /** Calls that no exchange answers: `POST /tickets`. */
  readonly unmatched: readonly string[];
  /** Exchanges that nobody asked for. */
  unused(): number;
}

/** The made-up host of a connection. */
export function originOf(connection: number): string {
  return `https://connection-${connection}.reproduction.example`;
}

/** Answers calls from the exchanges of a reproduction: each once, the first that fits connection, method and path. No byte leaves. */
export function createReplayNetwork({ connections, exchanges }: Reproduction, time: SkippedTime): ReplayNetwork {
  const left = exchanges.map((exchange) => ({
    exchange,
    origin: originOf(connections.findIndex(({ id }) => id === exchange.connection)),
    path: patternOf(exchange.path),
  }));
  const unmatched: string[] = [];
  const take = (origin: string, method: string, path: string): Exchange | undefined => {
    const index = left.findIndex((one) => one.origin === origin && one.exchange.method === method && one.path.test(path));
    if (index === -1) unmatched.push(`${method} ${path}`);
    return left.splice(index === -1 ? left.length : index, 1)[0]?.exchange;
  };
  const dispatcher = new ReplayDispatcher(take, time);
  return {
    network: { public: dispatcher, private: dispatcher, withTls: () => dispatcher, [Symbol.asyncDispose]: () => Promise.resolve() },
    unmatched,
    unused: () => left.length,
  };
}

/** A token in a recorded path stands for any text, and so does an address that the flow made of a made-up one. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\[(?:email|phone|text|number):[0-9a-f]{12}\]/);
  return new RegExp(`^${parts.map((part) => part.replaceAll(/[^\w/-]/g, "\\$&")).join("[^/&?]*")}$`);
}

/** Nothing had left before these. */
const unsent = new Set(["HTTP_CONNECT_FAILED", "HTTP_HOST_UNKNOWN", "HTTP_TLS_FAILED", "HTTP_ADDRESS_FORBIDDEN"]);
/** These come about by themselves when no answer does. */
const silent = new Set(["HTTP_TIMEOUT", "HTTP_ABORTED"]);

class ReplayDispatcher extends Dispatcher {
  readonly #take: (origin: string, method: string, path: string) => Exchange | undefined;
  readonly #time: SkippedTime;

  constructor(take: (origin: string, method: string, path: string) => Exchange | undefined, time: SkippedTime) {
    super();
    this.#take = take;
    this.#time = time;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const controller = new ReplayController((reason) => handler.onResponseError?.(controller, reason));
    const exchange = this.#take(String(options.origin), options.method, options.path);
    const fail = (error: Error): void => {
      if (!controller.aborted) handler.onResponseError?.(controller, error);
    };
    queueMicrotask(() => {
      try {
        if (exchange === undefined) return fail(notRecorded(options));
        const { error, response, durationMs } = exchange;
        if (error !== undefined && unsent.has(error)) return this.#time.after(durationMs, () => fail(asRecorded(error, { sent: false })));
        handler.onRequestStart?.(controller, {});
        if (error !== undefined && silent.has(error)) return undefined;
        return this.#time.after(durationMs, () => {
          if (response === undefined) fail(asRecorded(error ?? "HTTP_CONNECTION_LOST", { sent: true }));
          else if (!controller.aborted) answer(response, controller, handler);
        });
      } catch (error) {
        // The caller has refused to send: its lease is gone, or it was cancelled.
        return fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    return true;
  }
}

function answer(response: NonNullable<Exchange["response"]>, controller: ReplayController, handler: Dispatcher.DispatchHandler): void {
  // Lengths and encodings were those of the bytes on the wire.
  const { "content-length": _length, "transfer-encoding": _transfer, "content-encoding": _content, ...headers } = response.headers;
  handler.onResponseStart?.(controller, response.status, headers, "");
  if (!controller.aborted && response.body !== "") handler.onResponseData?.(controller, Buffer.from(response.body));
  if (!controller.aborted) handler.onResponseEnd?.(controller, {});
}

function notRecorded({ method, path }: Dispatcher.DispatchOptions): BelayError {
  return new BelayError("REPRODUCTION_CALL_UNMATCHED", `${method} ${path}: the failed attempt has no answer to this call, or none left.`);
}

function asRecorded(code: string, details: { readonly sent: boolean }): BelayError {
  const table: Readonly<Record<string, { readonly retry: Retry }>> = httpErrors;
  return new BelayError(code, "It was so when it was recorded.", { retry: table[code]?.retry ?? "backoff", details });
}

/** Lets the client cancel, once. */
class ReplayController implements Dispatcher.DispatchController {
  readonly rawHeaders = null;
  readonly rawTrailers = null;
  readonly paused = false;
  reason: Error | null = null;
  readonly #onAbort: (reason: Error) => void;

  constructor(onAbort: (reason: Error) => void) {
    this.#onAbort = onAbort;
  }

  get aborted(): boolean {
    return this.reason !== null;
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.reason = reason;
    this.#onAbort(reason);
  }

  pause(): void {}

  resume(): void {}
}
