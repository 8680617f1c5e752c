import { BelayError } from "../errors/belay-error.ts";
import type { Clock } from "../http/clock.ts";
import { parseRetryAfter } from "../http/retry-after.ts";

export interface SendAgainPorts {
  readonly fetch: (request: Request) => Promise<Response>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** The whole call with all its attempts and pauses. */
  readonly deadlineMs: number;
}

const maxAttempts = 3;
const firstPauseMs = 200;
const longestPauseMs = 2_000;

/**
 * Sends a request until it has an answer that will not change: again after a broken connection, 408, 409 (its first attempt is still being worked on), 429 and 5xx,
 * up to three times, with full jitter or when `Retry-After` says. That is safe for every request of this API: what writes carries an Idempotency-Key, the same for
 * all attempts.
 *
 * @throws `API_UNREACHABLE` when no attempt was answered in time.
 */
export async function sendAgain(request: Request, { fetch, clock, random, deadlineMs }: SendAgainPorts): Promise<Response> {
  const begunAt = clock.now();
  const leftMs = (): number => deadlineMs - (clock.now() - begunAt);
  for (let attempt = 1; ; attempt += 1) {
    const result = await attemptOnce(request, fetch, leftMs());
    const pauseMs = attempt < maxAttempts ? pauseAfter(result, attempt, random, clock.now()) : undefined;
    if (pauseMs === undefined || pauseMs >= leftMs()) {
      if (result instanceof Response) return result;
      throw new BelayError("API_UNREACHABLE", `${request.method} ${request.url}: ${result.why}`, { retry: "backoff", cause: result.error });
    }
    if (result instanceof Response) await result.body?.cancel();
    await clock.sleep(pauseMs, request.signal);
  }
}

interface Failure {
  readonly error: unknown;
  readonly why: string;
}

async function attemptOnce(request: Request, fetch: SendAgainPorts["fetch"], leftMs: number): Promise<Response | Failure> {
  const late = AbortSignal.timeout(Math.max(0, Math.ceil(leftMs)));
  try {
    // A copy, because a body can be read once only.
    return await fetch(new Request(request.clone(), { signal: AbortSignal.any([request.signal, late]) }));
  } catch (error) {
    if (request.signal.aborted) throw error;
    return { error, why: late.aborted ? "no answer in time." : reasonOf(error) };
  }
}

function pauseAfter(result: Response | Failure, attempt: number, random: () => number, now: number): number | undefined {
  if (result instanceof Response) {
    const mayChange = [408, 409, 429].includes(result.status) || result.status >= 500;
    if (!mayChange) return undefined;
    const afterMs = parseRetryAfter(result.headers.get("retry-after") ?? undefined, now);
    if (afterMs !== undefined) return afterMs <= longestPauseMs ? afterMs : undefined;
  }
  return random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (attempt - 1));
}

/** The cause says more than fetch's own "fetch failed". */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message || ("code" in error ? String(error.code) : error.name);
}
