import { isBelayError } from "../errors/belay-error.ts";
import type { BelayError } from "../errors/belay-error.ts";
import type { AttemptOutcome, Breaker, BreakerSubject } from "./breaker.ts";
import type { Clock } from "./clock.ts";
import { httpError } from "./errors.ts";
import type { Layer } from "./outbound.ts";

/**
 * Asks the connection's breaker before each attempt and tells it the outcome. 5xx, time-outs and connection failures count
 * against the provider; 4xx, 429 among them, are answers of a provider that works.
 */
export function circuitBreaker(breaker: Breaker, subject: BreakerSubject, clock: Clock): Layer {
  return (next) => async (request) => {
    const answer = breaker.admit(subject, clock.now());
    const admission = answer instanceof Promise ? await answer : answer;
    if (!admission.admitted) throw circuitOpen(request.label, admission.afterMs);
    let outcome: AttemptOutcome = "released";
    try {
      const response = await next(request);
      outcome = response.status >= 500 ? "failure" : "success";
      return response;
    } catch (error) {
      outcome = outcomeOf(error);
      throw error;
    } finally {
      const reported = breaker.report(subject, admission.probe, outcome, clock.now());
      if (reported instanceof Promise) await reported;
    }
  };
}

/** The error of a call that is kept away: its mailbox waits until the next probe. */
export function circuitOpen(label: string, afterMs: number, cause?: BelayError): BelayError {
  // Bytes may have left: when it goes on, which may be hours later, it has to know that it is not the first attempt.
  const begun = cause !== undefined && (cause.details["sent"] === true || typeof cause.details["status"] === "number");
  return httpError("HTTP_CIRCUIT_OPEN", `${label}: the provider failed repeatedly; waiting for the next probe.`, {
    retry: { afterMs },
    details: { waits: true, outage: true, ...(begun && { begun }) },
    ...(cause !== undefined && { cause }),
  });
}

/** Whether the attempt that ended with this error was counted as a failure. */
export function countsAgainstProvider(error: BelayError): boolean {
  const { status } = error.details;
  return typeof status === "number" ? status >= 500 : outcomeOf(error) === "failure";
}

/** Whether an error says that the provider is away, and nothing of what was asked of it. */
export function isOutage(error: BelayError): boolean {
  const { status } = error.details;
  // 500 and 501 may well be about the request: it has to count, or it would be the probe for ever and fail each time.
  return countsAgainstProvider(error) && error.retry !== "never" && (typeof status !== "number" || status >= 502);
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
