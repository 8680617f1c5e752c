import type { Network } from "@belay/sdk/http";
import { Dispatcher } from "undici";
import type { Passenger } from "./database-gate.ts";
import type { Observer } from "./observer.ts";
import type { ProviderAnswer, ProviderRequest, Providers } from "./providers.ts";
import type { RequestFault } from "./steps.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface NetworkParts {
  readonly time: VirtualTime;
  readonly observer: Observer;
  readonly providers: Pick<Providers, "serve">;
  readonly random: () => number;
  /** What befalls this request. */
  readonly drawFault: (request: ProviderRequest) => RequestFault | "unavailable" | undefined;
}

const longestWayMs = 20;
const slowMs = [200, 2_000] as const;

/** The network of one process: requests go to the providers of the history instead of through sockets. */
export function createKernelNetwork(passenger: Passenger, parts: NetworkParts): Network {
  const dispatcher = new KernelDispatcher(passenger, parts);
  return { public: dispatcher, private: dispatcher, withTls: () => dispatcher, [Symbol.asyncDispose]: async () => {} };
}

/** Stands where undici's pools stand, below the whole pipeline. */
class KernelDispatcher extends Dispatcher {
  readonly #passenger: Passenger;
  readonly #parts: NetworkParts;

  constructor(passenger: Passenger, parts: NetworkParts) {
    super();
    this.#passenger = passenger;
    this.#parts = parts;
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const request: ProviderRequest = {
      origin: String(options.origin),
      method: options.method,
      path: options.path,
      // The pipeline gives a plain object and a text.
      headers: (options.headers ?? {}) as Record<string, string>,
      body: typeof options.body === "string" ? options.body : "",
    };
    this.#onTheWay(this.#passenger, () => this.#connect(request, handler));
    return true;
  }

  async #connect(request: ProviderRequest, handler: Dispatcher.DispatchHandler): Promise<void> {
    const passage = await this.#passenger.passes();
    if (passage === "dead") return;
    if (passage === "late") return this.#onTheWay(this.#passenger, () => this.#connect(request, handler));
    const controller = new KernelController();
    const fault = this.#parts.drawFault(request);
    if (fault === "refused") {
      this.#note("connection refused", request);
      handler.onResponseError?.(controller, Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
      return;
    }
    try {
      handler.onRequestStart?.(controller, {});
    } catch (error) {
      // Cancelled, or its lease was gone: nothing leaves.
      this.#note("not sent", request, error instanceof Error ? error.message : "");
      return;
    }
    this.#note("sent", request, request.body);
    const [shortest, longest] = fault === "slow" ? slowMs : [0, longestWayMs];
    // Bytes that have left arrive, whatever becomes of their process.
    this.#parts.time.after(shortest + this.#parts.random() * (longest - shortest), undefined, () =>
      this.#arrive(request, controller, handler, fault),
    );
    await this.#passenger.passes();
  }

  async #arrive(
    request: ProviderRequest,
    controller: KernelController,
    handler: Dispatcher.DispatchHandler,
    fault: RequestFault | "unavailable" | undefined,
  ): Promise<void> {
    if (fault === "never-arrives" || fault === "lost") this.#note("lost", request);
    if (fault === "never-arrives") return;
    if (fault === "lost") return this.#breakOff(controller, handler);
    const answer = insteadOf(fault, this.#parts.random) ?? (await this.#parts.providers.serve(request));
    this.#note(`answered ${answer.status}`, request, answer.body);
    if (fault === "no-answer") return;
    if (fault === "answer-lost") return this.#breakOff(controller, handler);
    const shown = fault === "error-after-commit" ? { status: 502, headers: {}, body: "Bad gateway" } : answer;
    this.#onTheWay(this.#passenger, () => this.#deliver(request, shown, controller, handler));
  }

  async #deliver(
    request: ProviderRequest,
    answer: ProviderAnswer,
    controller: KernelController,
    handler: Dispatcher.DispatchHandler,
  ): Promise<void> {
    const passage = await this.#passenger.passes();
    if (passage === "dead") return;
    if (passage === "late") return this.#onTheWay(this.#passenger, () => this.#deliver(request, answer, controller, handler));
    if (controller.aborted) return;
    handler.onResponseStart?.(controller, answer.status, { ...answer.headers }, "");
    handler.onResponseData?.(controller, Buffer.from(answer.body));
    handler.onResponseEnd?.(controller, {});
  }

  #breakOff(controller: KernelController, handler: Dispatcher.DispatchHandler): void {
    this.#onTheWay(this.#passenger, () => {
      if (!controller.aborted) handler.onResponseError?.(controller, Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
    });
  }

  #onTheWay(passenger: Passenger, work: () => void | Promise<void>): void {
    this.#parts.time.after(this.#parts.random() * longestWayMs, passenger, work);
  }

  #note(what: string, { method, origin, path, headers }: ProviderRequest, facts: unknown = ""): void {
    const { time, observer } = this.#parts;
    observer.note(time.now, this.#passenger.name, `${what}: ${method} ${origin}${path}`, [headers["idempotency-key"] ?? "", facts]);
  }
}

/** Answers that come from something in front of the provider, or from the provider before it has done anything. */
function insteadOf(fault: RequestFault | "unavailable" | undefined, random: () => number): ProviderAnswer | undefined {
  switch (fault) {
    case "too-many-requests":
      return {
        status: 429,
        headers: { "retry-after": String(1 + Math.floor(random() * 8)) },
        body: JSON.stringify({ error: "TooManyRequests" }),
      };
    case "server-error":
      return { status: 500, headers: {}, body: JSON.stringify({ error: "InternalServerError" }) };
    case "unavailable":
      return { status: 503, headers: {}, body: JSON.stringify({ error: "ServiceUnavailable" }) };
    case "unauthorized":
      return { status: 401, headers: {}, body: JSON.stringify({ error: "Unauthorized" }) };
    default:
      return undefined;
  }
}

class KernelController implements Dispatcher.DispatchController {
  readonly reason = null;
  readonly rawHeaders = null;
  readonly rawTrailers = null;
  readonly paused = false;
  aborted = false;

  abort(): void {
    this.aborted = true;
  }

  // Answers are small: they come in one piece.
  pause(): void {}

  resume(): void {}
}
