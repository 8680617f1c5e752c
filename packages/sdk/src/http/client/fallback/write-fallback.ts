import { BelayError } from "../../../errors/belay-error.ts";
import { instead } from "./instead.ts";
import { isUnavailable } from "./is-unavailable.ts";
import { readFallback } from "./read-fallback.ts";

/** Where nothing says when the provider may be back. */
const waitAgainMs = 30_000;

/**
 * Writes, and does as the call says when the provider is unavailable. `queue` makes the mailbox wait: it uses up no attempt unless bytes of a write have left, because then the
 * next attempt has to know that it is suspect.
 *
 * @throws `FALLBACK_UNAVAILABLE` with what failed as its cause.
 */
export async function withWriteFallback(label: string, options: unknown, write: () => Promise<unknown>): Promise<unknown> {
  if (options === undefined) return write();
  // Not awaited before the write has begun: the order of calls decides which idempotency key is whose.
  const fallback = readFallback(label, options, ["queue", "error"]);
  try {
    return await write();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    if (fallback.kind === "error") throw instead("FALLBACK_UNAVAILABLE", `${label}: the provider is unavailable.`, error);
    const afterMs = typeof error.retry === "object" ? error.retry.afterMs : waitAgainMs;
    throw new BelayError(error.code, error.message, { retry: { afterMs }, cause: error, details: { ...error.details, waits: true } });
  }
}
