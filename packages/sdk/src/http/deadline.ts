import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer } from "./outbound.ts";

/** Gives the call, all its attempts together, an end: `timeoutMs` from now or the operation's own deadline, whichever is first. */
export function deadline(clock: Clock, timeoutMs: number): Layer {
  return (next) => (request) => {
    const now = clock.now();
    if (request.deadlineAt <= now) {
      return Promise.reject(httpError("HTTP_DEADLINE_EXCEEDED", `${request.label}: the time was up before the call was made.`));
    }
    return next({ ...request, deadlineAt: Math.min(request.deadlineAt, now + timeoutMs) });
  };
}
