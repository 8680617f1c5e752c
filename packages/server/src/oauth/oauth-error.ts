import { BelayError } from "@belay/sdk";
import { oauthErrors } from "./errors.ts";

/** An error of the table; `text` says what happened in this case, without secrets. */
export function oauthError(
  code: keyof typeof oauthErrors,
  text: string,
  options: { readonly cause?: unknown; readonly details?: Readonly<Record<string, unknown>> } = {},
): BelayError {
  return new BelayError(code, text, { retry: oauthErrors[code].retry, ...options });
}
