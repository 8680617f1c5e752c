import { after } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer, Streaming } from "./outbound.ts";

/** The abort reason by which the send layer knows that an attempt's time was up. */
export const timedOut: unique symbol = Symbol("timed out");

/**
 * Cancels an attempt after `timeoutMs`, at the call's deadline, or when the operation is cancelled. One whose bodies are streamed may take longer, as long as bytes move:
 * it is cancelled when none have for `timeoutMs`, and the deadline holds until the first ones do.
 */
export function attemptTimeout(clock: Clock, timeoutMs: number): Layer {
  return (next) => async (request) => {
    const leftMs = request.deadlineAt - clock.now();
    if (leftMs <= 0) throw httpError("HTTP_DEADLINE_EXCEEDED", `${request.label}: the time was up before an attempt was made.`);
    const outer = request.signal;
    const controller = new AbortController();
    const onAbort = (): void => controller.abort(outer?.reason);
    if (outer?.aborted === true) onAbort();
    outer?.addEventListener("abort", onAbort, { once: true });
    const callOff = abortWhenStill(
      clock,
      request.stream,
      Math.min(timeoutMs, request.stream?.source === undefined ? leftMs : timeoutMs),
      timeoutMs,
      controller,
    );
    try {
      return await next({ ...request, signal: controller.signal });
    } finally {
      outer?.removeEventListener("abort", onAbort);
      callOff();
    }
  };
}

/** @returns what calls it off. */
function abortWhenStill(
  clock: Clock,
  stream: Streaming | undefined,
  firstMs: number,
  timeoutMs: number,
  controller: AbortController,
): () => void {
  if (stream === undefined) return after(clock, firstMs, () => controller.abort(timedOut));
  let callOff: () => void;
  const look = (waitMs: number): void => {
    const { moved } = stream;
    callOff = after(clock, waitMs, () => {
      if (stream.moved === moved) controller.abort(timedOut);
      else look(timeoutMs);
    });
  };
  look(firstMs);
  return () => callOff();
}
