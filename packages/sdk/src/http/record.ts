import { authorize } from "../auth/authorize.ts";
import type { Credentials } from "../auth/credentials.ts";
import type { Auth } from "../connector/types.ts";
import { isBelayError } from "../errors/belay-error.ts";
import type { Clock } from "./clock.ts";
import type { Layer, Method, OutboundRequest, OutboundResponse } from "./outbound.ts";
import { createRedact } from "./redact.ts";

/** One attempt as it was on the wire, without secrets. Bodies are those of the provider and may hold personal data. */
export interface Exchange {
  /** `tenant/connection`. */
  readonly connection: string;
  readonly label: string;
  readonly request: {
    readonly method: Method;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
  };
  readonly response?: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: string };
  /** The code of the error, where no answer came. */
  readonly error?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
}

export interface RecordOptions {
  readonly connection: string;
  readonly auth: Auth;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly onExchange: (exchange: Exchange) => void;
}

/** Shows each attempt to `onExchange` after it ended. */
export function record(options: RecordOptions): Layer {
  return (next) => async (request) => {
    const startedAt = options.clock.now();
    try {
      const response = await next(request);
      show(options, request, startedAt, response, undefined);
      return response;
    } catch (error) {
      show(options, request, startedAt, undefined, isBelayError(error) ? error.code : "UNKNOWN");
      throw error;
    }
  };
}

/** A multipart body may hold files, which are of no use in a text. */
function bodyText(body: string | Uint8Array, redact: ReturnType<typeof createRedact>): string {
  return typeof body === "string" ? redact.text(body) : `[${body.length} bytes]`;
}

function show(
  options: RecordOptions,
  request: OutboundRequest,
  startedAt: number,
  response: OutboundResponse | undefined,
  error: string | undefined,
): void {
  try {
    const credential = options.credentials.current();
    const redact = createRedact(credential, authorize(options.auth, credential).name);
    options.onExchange({
      connection: options.connection,
      label: request.label,
      request: {
        method: request.method,
        path: redact.text(request.path),
        headers: redact.headers(request.headers),
        ...(request.body === undefined ? {} : { body: bodyText(request.body, redact) }),
      },
      ...(response === undefined
        ? {}
        : { response: { status: response.status, headers: redact.headers(response.headers), body: redact.text(response.body) } }),
      ...(error === undefined ? {} : { error }),
      startedAt,
      durationMs: options.clock.now() - startedAt,
    });
  } catch {
    // An observer that fails must not make a write that succeeded look as if it had not.
  }
}
