import { authorize } from "../auth/authorize.ts";
import type { Credentials } from "../auth/credentials.ts";
import type { Auth } from "../auth/kinds.ts";
import { isBelayError } from "../errors/belay-error.ts";
import type { Clock } from "./clock.ts";
import type { Layer, Method, OutboundRequest, OutboundResponse } from "./outbound.ts";
import { createRedact } from "./redact.ts";

/**
 * One attempt as it was on the wire, without secrets. Bodies are those of the provider and may hold personal data; of a long one the first 16,384 characters are
 * shown.
 */
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

/** One attempt that has ended. Cheap to make: what it was on the wire is worked out when asked for. */
export interface Attempt {
  /** `tenant/connection`. */
  readonly connection: string;
  readonly label: string;
  readonly method: Method;
  /** Of the answer, where one came. */
  readonly status?: number;
  /** The code of the error, where no answer came. */
  readonly error?: string;
  /** The answer means what was hoped for: a success, or the 404 that says "there is none". */
  readonly ok: boolean;
  /** 16 hexadecimal digits: what the provider was given as its parent span. Absent without a trace. */
  readonly spanId?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Set where the call carried items of several operations, each of which is shown the attempt: only the `first` one counts it. */
  readonly shared?: { readonly items: number; readonly first: boolean };
  /** The attempt without its secrets; `parts` stand in the place of the whole bodies. */
  toExchange(parts?: ExchangeParts): Exchange;
}

/** What one operation sees of bodies that it shares with others: its own, shaped as if it had been alone. */
export interface ExchangeParts {
  readonly request: string;
  /** Default: the whole answer. */
  readonly response?: string | undefined;
}

export interface RecordOptions {
  readonly connection: string;
  readonly auth: Auth;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly onExchange?: (exchange: Exchange) => void;
}

/** Shows each attempt, after it ended, to the operation that it was made for and to `onExchange`. */
export function record(options: RecordOptions): Layer {
  return (next) => async (request) => {
    if (options.onExchange === undefined && request.operation?.context.onAttempt === undefined) return await next(request);
    const startedAt = options.clock.now();
    try {
      const response = await next(request);
      show(options, request, startedAt, { response });
      return response;
    } catch (error) {
      show(options, request, startedAt, { error: isBelayError(error) ? error.code : "UNKNOWN" });
      throw error;
    }
  };
}

interface AttemptEnd {
  readonly response?: OutboundResponse;
  readonly error?: string;
}

function show(options: RecordOptions, request: OutboundRequest, startedAt: number, end: AttemptEnd): void {
  try {
    const attempt = toAttempt(options, request, startedAt, end);
    request.operation?.context.onAttempt?.(attempt);
    options.onExchange?.(attempt.toExchange());
  } catch {
    // An observer that fails must not make a write that succeeded look as if it had not.
  }
}

/** Kept of a body, and shown of it: more is kept than shown, so that no secret is cut in two before it is found. */
const keptOfBody = 20_480;
const shownOfBody = 16_384;

function toAttempt(options: RecordOptions, request: OutboundRequest, startedAt: number, { response, error }: AttemptEnd): Attempt {
  const { connection, auth, credentials, clock } = options;
  // The one it was sent with: it may have been refreshed by the time somebody looks.
  const credential = credentials.current();
  const durationMs = clock.now() - startedAt;
  const spanId = request.headers["traceparent"]?.slice(36, 52);
  const status = response?.status;
  const { stream } = request;
  const sent = stream?.source === undefined ? keep(request.body) : passedBy("streamed");
  const kept = { path: `${request.origin ?? ""}${request.path}`, headers: request.headers, body: sent };
  const received = response?.streamedBytes === undefined ? keep(response?.body) : passedBy(`${response.streamedBytes} bytes`);
  const answer = response && { status: response.status, headers: response.headers, body: received };
  return {
    connection,
    label: request.label,
    method: request.method,
    ...(status !== undefined && { status }),
    ...(error !== undefined && { error }),
    ok: status !== undefined && ((status >= 200 && status < 300) || (status === 404 && request.absentOn404)),
    ...(spanId !== undefined && { spanId }),
    startedAt,
    durationMs,
    toExchange: (parts) => ({
      ...toTexts(
        request.method,
        withPart(kept, parts?.request),
        answer && withPart(answer, parts?.response),
        createRedact(credential, authorize(auth, credential)),
      ),
      connection,
      label: request.label,
      ...(error !== undefined && { error }),
      startedAt,
      durationMs,
    }),
  };
}

function withPart<Whole extends { readonly body: Kept | undefined }>(whole: Whole, part: string | undefined): Whole {
  return part === undefined ? whole : { ...whole, body: keep(part) };
}

interface Kept {
  readonly text: string;
  readonly length: number;
}

/** What stands for a body that was not held in memory. */
function passedBy(what: string): Kept {
  return { text: `[${what}]`, length: 0 };
}

/** Whoever watches a run holds on to its attempts until it ends: a large body must not stay in memory for that long. */
function keep(body: string | Uint8Array | undefined): Kept | undefined {
  if (body === undefined) return undefined;
  // A multipart body may hold files, which are of no use in a text.
  if (typeof body !== "string") return { text: `[${body.length} bytes]`, length: 0 };
  if (body.length <= keptOfBody) return { text: body, length: body.length };
  // By way of bytes: a slice of a text keeps the whole text alive.
  return { text: Buffer.from(body.slice(0, keptOfBody)).toString(), length: body.length };
}

function toTexts(
  method: Method,
  request: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: Kept | undefined },
  response: { readonly status: number; readonly headers: OutboundResponse["headers"]; readonly body: Kept | undefined } | undefined,
  redact: ReturnType<typeof createRedact>,
): Pick<Exchange, "request" | "response"> {
  return {
    request: {
      method,
      path: redact.text(request.path),
      headers: redact.headers(request.headers),
      ...(request.body !== undefined && { body: showBody(request.body, redact) }),
    },
    ...(response !== undefined && {
      response: { status: response.status, headers: redact.headers(response.headers), body: showBody(response.body, redact) },
    }),
  };
}

function showBody(body: Kept | undefined, redact: ReturnType<typeof createRedact>): string {
  const text = redact.text(body?.text ?? "");
  if (body === undefined || body.length <= shownOfBody) return text;
  return `${text.slice(0, shownOfBody).toWellFormed()}… [${body.length - shownOfBody} characters more]`;
}
