import { isBelayError } from "../../../errors/belay-error.ts";
import type { BelayError } from "../../../errors/belay-error.ts";

const codes: ReadonlySet<string> = new Set([
  "HTTP_CIRCUIT_OPEN",
  "HTTP_BUDGET_EXHAUSTED",
  "HTTP_TIMEOUT",
  "HTTP_DEADLINE_EXCEEDED",
  "HTTP_CONNECT_FAILED",
  "HTTP_CONNECTION_LOST",
  "HTTP_HOST_UNKNOWN",
  "HTTP_TLS_FAILED",
  "HTTP_UNAVAILABLE",
  "HTTP_RATE_LIMITED",
  "HTTP_OUTCOME_UNKNOWN",
]);

/** Whether the provider is to blame for not being there: nothing about the call itself was wrong, and later it may succeed. A connector's row may have named it. */
export function isUnavailable(error: unknown): error is BelayError {
  if (!isBelayError(error) || error.retry === "never") return false;
  if (codes.has(error.code)) return true;
  const { status } = error.details;
  return typeof status === "number" && (status >= 500 || status === 429 || status === 408);
}
