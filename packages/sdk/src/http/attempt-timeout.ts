import { after } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer } from "./outbound.ts";

/** The abort reason by which the send layer knows that an attempt's time was up. */
export const timedOut: unique symbol = Symbol("timed out");

/** Cancels an attempt after `timeoutMs`, at the call's deadline, or when the operation is cancelled. */
export function attemptTimeout(clock: Clock, timeoutMs: number): Layer {
  return (next) => async (request) => {
    const leftMs = request.deadlineAt - clock.now();
    if (leftMs <= 0) throw httpError("HTTP_DEADLINE_EXCEEDED", `${request.label}: the time was up before an attempt was made.`);
    const outer = request.signal;
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(outer?.reason);
    if (outer?.aborted === true) onAbort();
    outer?.addEventListener("abort", onAbort, { once: true });
    const callOff = after(clock, Math.min(timeoutMs, leftMs), () => controller.abort(timedOut));
    try {
      return await next({ ...request, signal: controller.signal });
    } finally {
      outer?.removeEventListener("abort", onAbort);
      callOff();
    }
  };
}
