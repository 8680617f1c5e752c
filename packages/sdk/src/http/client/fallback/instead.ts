import type { BelayError } from "../../../errors/belay-error.ts";
import { httpError } from "../../errors.ts";

type FallbackCode = "FALLBACK_UNAVAILABLE" | "FALLBACK_TOO_OLD" | "FALLBACK_NOTHING_KNOWN";

/** An error of its own in the place of what failed. It may be tried again when, and as freely as, what failed could have been. */
export function instead(code: FallbackCode, text: string, cause: BelayError): BelayError {
  const { waits } = cause.details;
  return httpError(code, text, {
    cause,
    retry: cause.retry,
    ...(waits === true && { details: { waits } }),
  });
}
