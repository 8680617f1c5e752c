import { BelayError } from "../errors/belay-error.ts";
import type { Retry } from "../errors/belay-error.ts";
import type { ErrorTable } from "../errors/failure-classes.ts";

/** Every code that the outbound pipeline and the client throw, with what the queue may do and what the reader should. */
export const httpErrors = {
  HTTP_DEADLINE_EXCEEDED: {
    class: "provider-slow",
    retry: "backoff",
    meaning: "The time for the call was up before it could be made. Look for slow or waiting calls before it.",
  },
  HTTP_ABORTED: {
    class: "flow-runaway",
    retry: "backoff",
    meaning: "The call was cancelled from outside: the run's time was up or the worker is stopping.",
  },
  HTTP_TIMEOUT: { class: "provider-slow", retry: "backoff", meaning: "The provider did not answer in time." },
  HTTP_CONNECT_FAILED: {
    class: "network-failed",
    retry: "backoff",
    meaning: "No connection came about: refused, unreachable, or too slow. Nothing was sent.",
  },
  HTTP_HOST_UNKNOWN: {
    class: "address-wrong",
    retry: "backoff",
    meaning: "The name of the provider's host is not known. Look for a mistake in the connection's settings or base URL. Nothing was sent.",
  },
  HTTP_TLS_FAILED: {
    class: "network-failed",
    retry: "backoff",
    meaning:
      "No trusted connection came about: the certificate has expired, is another host's, or is signed by nobody that this machine trusts. Nothing was sent.",
  },
  HTTP_CONNECTION_LOST: {
    class: "network-failed",
    retry: "backoff",
    meaning: "The connection broke after the request had begun to leave.",
  },
  HTTP_ADDRESS_FORBIDDEN: {
    class: "address-wrong",
    retry: "never",
    meaning:
      "The host resolves to an address that is not public, or to a public one without encryption. If it is meant, an operator sets it as the connection's base URL.",
  },
  HTTP_URL_FORBIDDEN: {
    class: "address-wrong",
    retry: "never",
    meaning:
      "The URL is none that the connector calls: another host or port, another scheme, plain http, or one with a user in it. If it is meant, name its host in the connector's hosts.",
  },
  HTTP_REDIRECTED: {
    class: "address-wrong",
    retry: "never",
    meaning:
      "The provider answered with a redirect, which is not followed: writes never are, reads where the connector says so, and at most three times. Correct the base URL or the path.",
  },
  HTTP_BODY_TOO_LARGE: {
    class: "connector-mistake",
    retry: "never",
    meaning: "The answer is larger than the limit. Ask for less at once, or raise the limit.",
  },
  HTTP_REQUEST_TOO_LARGE: {
    class: "request-mistake",
    retry: "never",
    meaning:
      "The streamed request was larger than the limit, and was cut off: the provider got no complete one. Send less, or raise the limit.",
  },
  HTTP_OUTCOME_UNKNOWN: {
    class: "outcome-unknown",
    retry: "backoff",
    meaning: "A write without provider key may or may not have taken effect. The next attempt looks for the record before it writes.",
  },
  HTTP_CIRCUIT_OPEN: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider failed repeatedly; calls wait for the next probe. No attempt is used up.",
  },
  HTTP_BUDGET_EXHAUSTED: {
    class: "rate-limit",
    retry: "backoff",
    meaning: "The provider's rate limit is used up; calls wait for room. No attempt is used up.",
  },
  HTTP_RATE_LIMITED: {
    class: "rate-limit",
    retry: "backoff",
    meaning: "The provider answered 429. If it happens often, the connector's limits are declared too high.",
  },
  HTTP_UNAVAILABLE: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider answered 408, 425 or 5xx: it has a problem of its own.",
  },
  HTTP_UNAUTHORIZED: {
    class: "credential-refused",
    retry: "backoff",
    meaning: "The provider answered 401: renew the connection's credential.",
  },
  HTTP_FORBIDDEN: { class: "permission-missing", retry: "never", meaning: "The provider answered 403: the credential lacks a permission." },
  HTTP_REFUSED: {
    class: "connector-mistake",
    retry: "never",
    meaning: "The provider refused the request (another 4xx). Correct what is sent, or name the case in the connector's errors.",
  },
  HTTP_CREDENTIAL_MISSING: {
    class: "credential-refused",
    retry: "backoff",
    meaning: "The connection lacks a field that the connector's auth needs.",
  },
  FALLBACK_UNAVAILABLE: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider is unavailable, and the call asked for an error of its own in that case. The cause says what has failed.",
  },
  FALLBACK_TOO_OLD: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider is unavailable, and the last known value is older than the call takes.",
  },
  FALLBACK_NOTHING_KNOWN: {
    class: "provider-unavailable",
    retry: "backoff",
    meaning: "The provider is unavailable, and the call has never been answered before, or too long ago for the answer to be kept.",
  },
  CLIENT_CONNECTION_INVALID: {
    class: "configuration-mistake",
    retry: "never",
    meaning: "The connection does not fit the connector: a base URL, a setting or the connector's name.",
  },
  CLIENT_INPUT_INVALID: {
    class: "flow-mistake",
    retry: "never",
    meaning: "The input does not match the operation's schema; nothing was sent.",
  },
  CLIENT_PAGING_STUCK: {
    class: "answer-drift",
    retry: "backoff",
    meaning:
      "A listing does not come to its end: a page or a cursor came twice, or nothing leads on. Nothing may be concluded from what is missing in it.",
  },
  CLIENT_NEXT_LINK_FORBIDDEN: {
    class: "address-wrong",
    retry: "never",
    meaning: "The provider's link to the next page leads to another host, to which the credential must not go. Correct the base URL.",
  },
  CLIENT_CONTENT_TYPE_UNEXPECTED: {
    class: "answer-drift",
    retry: "never",
    meaning:
      "The provider's answer is of another media type than the connector declares, such as a document or an HTML page; the message names both.",
  },
  CLIENT_MAPPING_FAILED: {
    class: "connector-mistake",
    retry: "never",
    meaning:
      "An operation's own `request` or `response` code in the connector threw, or gave something that cannot be sent. Correct the connector.",
  },
  CLIENT_RESPONSE_INVALID: {
    class: "answer-drift",
    retry: "never",
    meaning: "The provider's answer does not match the resource's schema: its contract has drifted, or the connector is wrong.",
  },
} as const satisfies ErrorTable;

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
