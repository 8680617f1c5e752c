import { BelayError } from "../errors/belay-error.ts";
import type { Retry } from "../errors/belay-error.ts";

/** Every code that the outbound pipeline and the client throw, with what the queue may do and what the reader should. */
export const httpErrors = {
  HTTP_DEADLINE_EXCEEDED: {
    retry: "backoff",
    meaning: "The time for the call was up before it could be made. Look for slow or waiting calls before it.",
  },
  HTTP_ABORTED: { retry: "backoff", meaning: "The call was cancelled from outside: the run's time was up or the worker is stopping." },
  HTTP_TIMEOUT: { retry: "backoff", meaning: "The provider did not answer in time." },
  HTTP_CONNECT_FAILED: { retry: "backoff", meaning: "No connection came about (refused, unknown name, TLS): nothing was sent." },
  HTTP_CONNECTION_LOST: { retry: "backoff", meaning: "The connection broke after the request had begun to leave." },
  HTTP_ADDRESS_FORBIDDEN: {
    retry: "never",
    meaning: "The host resolves to an address that is not public. If it is meant, an operator sets it as the connection's base URL.",
  },
  HTTP_REDIRECTED: {
    retry: "never",
    meaning: "The provider answered with a redirect, which is never followed. Correct the base URL or the path.",
  },
  HTTP_BODY_TOO_LARGE: { retry: "never", meaning: "The answer is larger than the limit. Ask for less at once, or raise the limit." },
  HTTP_OUTCOME_UNKNOWN: {
    retry: "backoff",
    meaning: "A write without provider key may or may not have taken effect. The next attempt looks for the record before it writes.",
  },
  HTTP_CIRCUIT_OPEN: { retry: "backoff", meaning: "The provider failed repeatedly; calls wait for the next probe. No attempt is used up." },
  HTTP_BUDGET_EXHAUSTED: { retry: "backoff", meaning: "The provider's rate limit is used up; calls wait for room. No attempt is used up." },
  HTTP_RATE_LIMITED: {
    retry: "backoff",
    meaning: "The provider answered 429. If it happens often, the connector's limits are declared too high.",
  },
  HTTP_UNAVAILABLE: { retry: "backoff", meaning: "The provider answered 408, 425 or 5xx: it has a problem of its own." },
  HTTP_UNAUTHORIZED: { retry: "backoff", meaning: "The provider answered 401: renew the connection's credential." },
  HTTP_FORBIDDEN: { retry: "never", meaning: "The provider answered 403: the credential lacks a permission." },
  HTTP_REFUSED: {
    retry: "never",
    meaning: "The provider refused the request (another 4xx). Correct what is sent, or name the case in the connector's errors.",
  },
  HTTP_CREDENTIAL_MISSING: { retry: "backoff", meaning: "The connection lacks a field that the connector's auth needs." },
  CLIENT_CONNECTION_INVALID: {
    retry: "never",
    meaning: "The connection does not fit the connector: a base URL, a setting or the connector's name.",
  },
  CLIENT_INPUT_INVALID: { retry: "never", meaning: "The input does not match the operation's schema; nothing was sent." },
  CLIENT_PAGING_STUCK: {
    retry: "backoff",
    meaning:
      "A listing does not come to its end: a page or a cursor came twice, or nothing leads on. Nothing may be concluded from what is missing in it.",
  },
  CLIENT_NEXT_LINK_FORBIDDEN: {
    retry: "never",
    meaning: "The provider's link to the next page leads to another host, to which the credential must not go. Correct the base URL.",
  },
  CLIENT_CONTENT_TYPE_UNEXPECTED: {
    retry: "never",
    meaning:
      "The provider's answer is of another media type than the connector declares, such as a document or an HTML page; the message names both.",
  },
  CLIENT_MAPPING_FAILED: {
    retry: "never",
    meaning:
      "An operation's own `request` or `response` code in the connector threw, or gave something that cannot be sent. Correct the connector.",
  },
  CLIENT_RESPONSE_INVALID: {
    retry: "never",
    meaning: "The provider's answer does not match the resource's schema: its contract has drifted, or the connector is wrong.",
  },
} as const satisfies Readonly<Record<string, { readonly retry: Retry; readonly meaning: string }>>;

export type HttpErrorCode = keyof typeof httpErrors;

export interface HttpErrorOptions {
  /** Replaces the table's `retry` where the far end said when. */
  readonly retry?: Retry;
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** An error of the table; `text` says what happened in this case, without secrets, tokens or bodies. */
export function httpError(code: HttpErrorCode, text: string, options: HttpErrorOptions = {}): BelayError {
  return new BelayError(code, text, {
    retry: options.retry ?? httpErrors[code].retry,
    ...(options.cause === undefined ? {} : { cause: options.cause }),
    ...(options.details === undefined ? {} : { details: options.details }),
  });
}
