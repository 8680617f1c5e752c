import type { Layer } from "./outbound.ts";

/** Passes the operation's trace on. @see https://www.w3.org/TR/trace-context/ */
export const trace: Layer = (next) => (request) => {
  const traceparent = request.operation?.context.traceparent;
  if (traceparent !== undefined) request.headers["traceparent"] = traceparent;
  return next(request);
};
