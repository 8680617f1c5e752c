import type { Network } from "@belay/sdk/http";
import { Dispatcher } from "undici";
import type { Exchange, WireOutcome, WireRequest } from "./wire.ts";

/** A provider that is reached by a function call. */
export interface InProcessProvider {
  /** `http://zendesk.simulated` or the address it listens at. */
  readonly origin: string;
  readonly exchange: Exchange;
}

/**
 * A network in which the given simulators are the only hosts: for `ClientPorts.network`, where a run must be the same each time.
 * No socket, no timer, no chance: a request is served in microtasks, plus what the simulators' own clock makes it wait. A request to
 * any other host fails as an unknown name does. Disposing it does nothing.
 */
export function inProcessNetwork(providers: readonly InProcessProvider[]): Network {
  const dispatcher = new InProcessDispatcher(new Map(providers.map(({ origin, exchange }) => [origin, exchange])));
  return { public: dispatcher, private: dispatcher, withTls: () => dispatcher, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** `fetch` that ends at one simulator. */
export function inProcessFetch({ exchange }: Pick<InProcessProvider, "exchange">): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const asked: WireRequest = {
      method: request.method,
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      // As the global one, it says who it is unless told otherwise.
      headers: { "user-agent": "node", ...Object.fromEntries(request.headers) },
      ...bodyOf(Buffer.from(await request.arrayBuffer())),
    };
    const outcome = await exchange(asked, () => request.signal);
    request.signal.throwIfAborted();
    if (outcome.kind === "drop") throw new TypeError("fetch failed: the simulated provider dropped the connection");
    const { status, headers, body } = outcome.answer;
    return new Response(status === 204 || status === 304 ? null : body, { status, headers });
  };
}

class InProcessDispatcher extends Dispatcher {
  readonly #providers: ReadonlyMap<string, Exchange>;

  constructor(providers: ReadonlyMap<string, Exchange>) {
    super();
    this.#providers = providers;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    // As over a socket, nothing happens before the caller has gone on.
    queueMicrotask(() => void this.#run(options, handler));
    return true;
  }

  async #run(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): Promise<void> {
    const gone = new AbortController();
    const controller = new Controller((reason) => {
      gone.abort(reason);
      handler.onResponseError?.(controller, reason);
    });
    try {
      const exchange = this.#providers.get(String(options.origin));
      if (exchange === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${String(options.origin)}`), { code: "ENOTFOUND" });
      handler.onRequestStart?.(controller, {});
      const outcome = await exchange(wireRequestOf(options), () => gone.signal);
      if (!controller.aborted) deliver(outcome, controller, handler);
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      if (!controller.aborted) handler.onResponseError?.(controller, failure);
    }
  }
}

function deliver(outcome: WireOutcome, controller: Controller, handler: Dispatcher.DispatchHandler): void {
  if (outcome.kind === "drop") {
    handler.onResponseError?.(controller, Object.assign(new Error("other side closed"), { code: "UND_ERR_SOCKET" }));
    return;
  }
  const { status, headers, body } = outcome.answer;
  handler.onResponseStart?.(controller, status, headers, "");
  if (!controller.aborted && body !== "") handler.onResponseData?.(controller, Buffer.from(body));
  if (!controller.aborted) handler.onResponseEnd?.(controller, {});
}

function wireRequestOf(options: Dispatcher.DispatchOptions): WireRequest {
  const { body = null, headers } = options;
  if (body !== null && typeof body !== "string" && !Buffer.isBuffer(body)) throw new TypeError("In process, a body is a text or a buffer.");
  return {
    method: options.method,
    origin: String(options.origin),
    path: options.path,
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), typeof value === "number" ? String(value) : value]),
    ),
    ...bodyOf(body === null ? Buffer.alloc(0) : Buffer.from(body)),
  };
}

function bodyOf(bytes: Buffer): Pick<WireRequest, "body" | "bytes"> {
  return { body: bytes.toString("utf8"), bytes };
}

/** Lets the client cancel, once. Nothing is streamed, so there is nothing to pause. */
class Controller implements Dispatcher.DispatchController {
  readonly rawHeaders = null;
  readonly rawTrailers = null;
  readonly paused = false;
  #aborted = false;
  #reason: Error | null = null;
  readonly #onAbort: (reason: Error) => void;

  constructor(onAbort: (reason: Error) => void) {
    this.#onAbort = onAbort;
  }

  get aborted(): boolean {
    return this.#aborted;
  }

  get reason(): Error | null {
    return this.#reason;
  }

  abort(reason: Error): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#onAbort(reason);
  }

  pause(): void {}

  resume(): void {}
}
