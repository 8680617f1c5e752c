import { isBelayError } from "@belay/sdk";
import { attemptTimeout, compose, send } from "@belay/sdk/http";
import type { Method, OutboundResponse } from "@belay/sdk/http";
import type { TokenOutcome } from "./outcome.ts";
import type { TokenParts } from "./parts.ts";

export interface ProviderRequest {
  readonly method: Method;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer as it came. */
export interface ProviderAnswer {
  readonly status: number;
  readonly headers: OutboundResponse["headers"];
  readonly text: string;
  /** Epoch milliseconds at which the request began: from then on lifetimes are counted, so that they rather end too early. */
  readonly sentAtMs: number;
}

/** That no answer came, and what this says of what was sent. */
type Lost = Exclude<TokenOutcome, { kind: "granted" } | { kind: "refused" }>;

export type Sent = { readonly answer: ProviderAnswer } | { readonly lost: Lost };

const defaultTimeoutMs = 30_000;
/** Token answers have some hundred bytes; with claims in an ID token a few thousand. */
const maxAnswerBytes = 64 * 1024;

/** One exchange with an endpoint of the authorization server. Redirects are answers: what is sent there is for this host only. */
export async function sendRequest(parts: Omit<TokenParts, "auth">, request: ProviderRequest): Promise<Sent> {
  const { clock, dispatcher, timeoutMs = defaultTimeoutMs } = parts;
  const { origin, pathname, search } = request.url;
  const sentAtMs = clock.now();
  const reach = compose([attemptTimeout(clock, timeoutMs)], send({ dispatcher, origin, maxResponseBytes: maxAnswerBytes }));
  try {
    const { status, headers, body } = await reach({
      label: "oauth",
      method: request.method,
      path: `${pathname}${search}`,
      headers: { accept: "application/json", ...request.headers },
      body: request.body,
      write: undefined,
      absentOn404: false,
      operation: undefined,
      signal: undefined,
      deadlineAt: sentAtMs + timeoutMs,
    });
    return { answer: { status, headers, text: body, sentAtMs } };
  } catch (error) {
    if (!isBelayError(error)) throw error;
    return { lost: lostBy(error.code, error.details, request.url.host) };
  }
}

/** What an exchange that ended without an answer says of what was sent in it. */
function lostBy(code: string, details: Readonly<Record<string, unknown>>, host: string): Lost {
  const nothingSent = "Nothing was sent.";
  switch (code) {
    case "HTTP_HOST_UNKNOWN":
      return { kind: "unavailable", code: "OAUTH_HOST_UNKNOWN", detail: `The name ${host} is not known. ${nothingSent}` };
    case "HTTP_TLS_FAILED":
      return { kind: "unavailable", code: "OAUTH_TLS_FAILED", detail: `There is no trusted connection to ${host}. ${nothingSent}` };
    case "HTTP_ADDRESS_FORBIDDEN":
      return { kind: "unavailable", code: "OAUTH_ADDRESS_FORBIDDEN", detail: `${host} is at an address that must not be reached.` };
    case "HTTP_BODY_TOO_LARGE": {
      const status = details["answered"];
      const detail = `${host} answered ${String(status)} with more than ${maxAnswerBytes} bytes.`;
      if (typeof status === "number" && status >= 300) return { kind: "unavailable", code: "OAUTH_ANSWER_UNEXPECTED", detail };
      return { kind: "unknown", code: "OAUTH_ANSWER_UNREADABLE", detail };
    }
  }
  if (details["sent"] === false)
    return { kind: "unavailable", code: "OAUTH_CONNECT_FAILED", detail: `No connection to ${host} came about. ${nothingSent}` };
  if (code === "HTTP_TIMEOUT") return { kind: "unknown", code: "OAUTH_TIMEOUT", detail: `${host} did not answer in time.` };
  return { kind: "unknown", code: "OAUTH_ANSWER_LOST", detail: `The connection to ${host} broke before its answer had come.` };
}
