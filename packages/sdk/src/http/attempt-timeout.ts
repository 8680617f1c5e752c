import { after } from "./clock.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer, Streaming } from "./outbound.ts";
import { TimeLimit } from "./time-limit.ts";

/**
 * Ends an attempt after `timeoutMs` or at the call's deadline. One whose bodies are streamed may take longer, as long as bytes move:
 * it is cancelled when none have for `timeoutMs`, and the deadline holds until the first ones do.
 */
export function attemptTimeout(clock: Clock, timeoutMs: number): Layer {
  return (next) => async (request) => {
    const leftMs = request.deadlineAt - clock.now();
    if (leftMs <= 0) throw httpError("HTTP_DEADLINE_EXCEEDED", `${request.label}: the time was up before an attempt was made.`);
    const timeLimit = new TimeLimit();
    const callOff = endWhenStill(
      clock,
      request.stream,
      Math.min(timeoutMs, request.stream?.source === undefined ? leftMs : timeoutMs),
      timeoutMs,
      timeLimit,
    );
    try {
      return await next({ ...request, timeLimit });
    } finally {
      callOff();
    }
  };
}

/** @returns what calls it off. */
function endWhenStill(clock: Clock, stream: Streaming | undefined, firstMs: number, timeoutMs: number, timeLimit: TimeLimit): () => void {
  if (stream === undefined) return after(clock, firstMs, () => timeLimit.end());
  let callOff: () => void;
  const look = (waitMs: number): void => {
    const { moved } = stream;
    callOff = after(clock, waitMs, () => {
      if (stream.moved === moved) timeLimit.end();
      else look(timeoutMs);
    });
  };
  look(firstMs);
  return () => callOff();
}
