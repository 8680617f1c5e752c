import { isBelayError, toMs, type WriteSafety } from "@belay/sdk";

/** Nothing was sent, by its code. */
const unsent = new Set([
  "CLIENT_INPUT_INVALID",
  "HTTP_ADDRESS_FORBIDDEN",
  "HTTP_BUDGET_EXHAUSTED",
  "HTTP_CIRCUIT_OPEN",
  "HTTP_CONNECT_FAILED",
  "HTTP_CREDENTIAL_MISSING",
  "HTTP_HOST_UNKNOWN",
  "HTTP_TLS_FAILED",
  "TWO_WAY_FIELD_REFUSED",
  "TWO_WAY_NOT_WRITABLE",
]);

/** Whether an error says for sure that nothing was created: the provider refused it, or never got it. */
export function isNotCreated(error: unknown): boolean {
  // What is thrown before the call, by the user's code, has sent nothing; what is none of ours says nothing.
  if (!isBelayError(error)) return false;
  if (error.details["waits"] === true || unsent.has(error.code)) return true;
  const status = error.details["status"];
  return typeof status === "number" && status >= 400 && status < 500 && status !== 408 && status !== 425;
}

/**
 * Whether a create whose outcome is unknown may be sent again by the same message: the provider can be asked for the record, or knows its key still.
 *
 * @param triedForMs Since the first attempt.
 */
export function createsAgain(safety: WriteSafety | undefined, triedForMs: number): boolean {
  if (safety?.kind === "key") return safety.readBack !== undefined || triedForMs < toMs(safety.keptFor);
  return safety?.kind === "readBack";
}
