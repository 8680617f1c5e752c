import type { Clock } from "./clock.ts";
import { isBelayError } from "../errors/belay-error.ts";
import { httpError } from "./errors.ts";

/** Sleeps on behalf of a call. @throws `HTTP_ABORTED` when the call is cancelled meanwhile, or the error it was cancelled with. */
export async function pause(
  clock: Clock,
  ms: number,
  call: { readonly label: string; readonly signal: AbortSignal | undefined },
): Promise<void> {
  try {
    await clock.sleep(ms, call.signal);
  } catch (error) {
    if (isBelayError(error)) throw error;
    throw httpError("HTTP_ABORTED", `${call.label}: cancelled while it waited.`, { cause: error });
  }
}
