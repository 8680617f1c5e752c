import { isBelayError } from "../errors/belay-error.ts";
import type { AttemptOutcome, Breaker } from "./breaker.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer } from "./outbound.ts";

/**
 * Asks the connection's breaker before each attempt and tells it the outcome. 5xx, time-outs and connection failures count
 * against the provider; 4xx, 429 among them, are answers of a provider that works.
 */
export function circuitBreaker(breaker: Breaker, connection: string, clock: Clock): Layer {
  return (next) => async (request) => {
    const answer = breaker.admit(connection, clock.now());
    const admission = answer instanceof Promise ? await answer : answer;
    if (!admission.admitted) {
      throw httpError("HTTP_CIRCUIT_OPEN", `${request.label}: the provider failed repeatedly; waiting for the next probe.`, {
        retry: { afterMs: admission.afterMs },
        details: { waits: true },
      });
    }
    let outcome: AttemptOutcome = "released";
    try {
      const response = await next(request);
      outcome = response.status >= 500 ? "failure" : "success";
      return response;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      const reported = breaker.report(connection, admission.probe, outcome, clock.now());
      if (reported instanceof Promise) await reported;
    }
  };
}

function outcomeOf(error: unknown): AttemptOutcome {
  if (!isBelayError(error)) return "released";
  switch (error.code) {
    case "HTTP_TIMEOUT":
    case "HTTP_CONNECT_FAILED":
    case "HTTP_HOST_UNKNOWN":
    case "HTTP_TLS_FAILED":
    case "HTTP_CONNECTION_LOST":
      return "failure";
    case "HTTP_BODY_TOO_LARGE":
      return "success";
    default:
      return "released";
  }
}
