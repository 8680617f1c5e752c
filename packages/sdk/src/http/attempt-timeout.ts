import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer } from "./outbound.ts";

/** The abort reason by which the send layer knows that an attempt's time was up. */
export const timedOut: unique symbol = Symbol("timed out");
const ended: unique symbol = Symbol("ended");

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
    // One controller serves both ways: the timer aborts the attempt, and the end of the attempt aborts the timer.
    clock.sleep(Math.min(timeoutMs, leftMs), controller.signal).then(
      () => controller.abort(timedOut),
      () => undefined, // the attempt ended first
    );
    try {
      return await next({ ...request, signal: controller.signal });
    } finally {
      outer?.removeEventListener("abort", onAbort);
      controller.abort(ended);
    }
  };
}
