import type { ErrorRow, WriteSafety } from "../connector/types.ts";
import { BelayError, isBelayError } from "../errors/belay-error.ts";
import type { Credentials } from "../auth/credentials.ts";
import type { Clock } from "./clock.ts";
import { circuitOpen, countsAgainstProvider, isOutage } from "./circuit-breaker.ts";
import { httpError } from "./errors.ts";
import { judgeResponse } from "./judge-response.ts";
import type { Layer, OutboundRequest, OutboundResponse, Send } from "./outbound.ts";
import { pause } from "./pause.ts";

export interface RetryOptions {
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly errors: readonly ErrorRow[];
  readonly credentials: Credentials;
  /** For how long the breaker keeps attempts away, ms. Default: it does not. */
  readonly closedForMs?: () => number;
}

const maxAttempts = 3;
const firstPauseMs = 200;
/** Longer pauses are the mailbox's business: a worker held for them does nothing else. */
const longestPauseMs = 2_000;

/**
 * Sends again what may be sent again, for seconds. Turns answers that are not successes into errors.
 *
 * - A read, a write with a provider key and a natural write: after time-outs, broken connections, 408, 425, 429 and 5xx.
 * - Any other write: only when the provider certainly did nothing. Otherwise `HTTP_OUTCOME_UNKNOWN`.
 * - After a 401, or an answer that an error row of class `credential-refused` knows, the credential is refreshed once, where it can be.
 * - What fails while the breaker opens, because the provider is away, waits with all the others: nothing is wrong with it.
 * - Of a streamed call every answer is the caller's. It is repeated by the same rules, unless its body has left or its answer has begun to arrive.
 */
export function retry(options: RetryOptions): Layer {
  return (next) => async (request) => {
    let refreshed = false;
    for (let attempt = 1; ; attempt++) {
      const result = await attemptOnce(next, request, options);
      if (!("error" in result)) return result;
      const { error, answer } = result;
      const isOnce = request.stream !== undefined && (request.stream.source !== undefined || request.stream.begun);
      if (error.details["credentialRefused"] === true && !refreshed && options.credentials.refresh !== undefined) {
        refreshed = true;
        await options.credentials.refresh(request.signal);
        if (!isOnce) continue;
      }
      if (!outcomeIsKnown(request.write?.safety.kind, error)) {
        if (answer !== undefined) return answer;
        throw httpError("HTTP_OUTCOME_UNKNOWN", `${request.label}: it is unknown whether the write took effect.`, {
          cause: error,
          ...(isOutage(error) && { details: { outage: true } }),
        });
      }
      const pauseMs = attempt < maxAttempts && !isOnce ? pauseBefore(attempt, error, options.random) : undefined;
      // Where the breaker is open the next attempt would be refused. Equal counts as too late: a deadline that is due lets no attempt begin.
      const isRefused = countsAgainstProvider(error) && isOpen(options);
      if (pauseMs === undefined || isRefused || options.clock.now() + pauseMs >= request.deadlineAt) {
        if (answer !== undefined) return answer;
        throw orWait(error, request, options);
      }
      await pause(options.clock, pauseMs, request);
    }
  };
}

function isOpen({ closedForMs }: RetryOptions): boolean {
  return closedForMs !== undefined && closedForMs() > 0;
}

/**
 * What failed because the provider is away waits, where the breaker is open. Where it is not open yet, the error says what it looked like: should the breaker open later,
 * the attempt is given back. Whatever else failed is told as it is.
 */
function orWait(error: BelayError, { label }: OutboundRequest, { closedForMs }: RetryOptions): BelayError {
  if (!isOutage(error)) return error;
  const afterMs = closedForMs?.() ?? 0;
  if (afterMs > 0) return circuitOpen(label, afterMs, error);
  const { code, message, cause, details } = error;
  return new BelayError(code, message, { retry: error.retry, cause, details: { ...details, outage: true } });
}

interface Failed {
  readonly error: BelayError;
  /** What the error is of, where the caller wants to see for itself. */
  readonly answer?: OutboundResponse;
}

async function attemptOnce(next: Send, request: OutboundRequest, options: RetryOptions): Promise<OutboundResponse | Failed> {
  try {
    const response = await next(request);
    if (response.streamedBytes !== undefined) return response;
    const error = judgeResponse(request, response, options.errors, options.clock.now());
    if (error === undefined) return response;
    return request.stream === undefined ? { error } : { error, answer: response };
  } catch (error) {
    if (isBelayError(error)) return { error };
    throw error;
  }
}

const knownEnds: ReadonlySet<string> = new Set(["HTTP_ABORTED", "HTTP_BODY_TOO_LARGE", "HTTP_REQUEST_TOO_LARGE"]);

/** False when the provider may or may not have acted, and acting twice would be a second effect. `kind` is absent for a read. */
export function outcomeIsKnown(kind: WriteSafety["kind"] | undefined, error: BelayError): boolean {
  if (kind !== "readBack" && kind !== "once") return true;
  const { sent, status } = error.details;
  // A cancelled call goes to the mailbox as it is, where the attempt counts; an answer too large was an answer.
  if (sent === true) return knownEnds.has(error.code);
  // A connector's row that says "never" has understood the answer as a refusal, whatever its status.
  if (typeof status !== "number" || error.retry === "never") return true;
  return status < 500 && status !== 408;
}

/** How long to pause before the next attempt; undefined when it is not for us to repeat. Full jitter. */
function pauseBefore(attempt: number, error: BelayError, random: () => number): number | undefined {
  // Only failed attempts are repeated. Whatever else is thrown (a lost lease, an open breaker) has no answer and was not sent.
  const attempted = "status" in error.details || "sent" in error.details;
  if (!attempted || error.retry === "never" || error.code === "HTTP_ABORTED") return undefined;
  // Without a refresh the same credential would only be refused again.
  if (error.details["credentialRefused"] === true) return undefined;
  if (typeof error.retry === "object") return error.retry.afterMs <= longestPauseMs ? error.retry.afterMs : undefined;
  return random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
}
