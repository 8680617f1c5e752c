import { BelayError, type Connection, isBelayError } from "@belay/sdk";
import { type Attempt, runInOperation } from "@belay/sdk/http";
import type { ProxyParts } from "../proxy/index.ts";
import type { Clock } from "../telemetry/index.ts";

/** How long a request of the unified API may take with its provider. */
const deadlineMs = 25_000;

/** On whose behalf a provider is asked, and who is told of it. */
export interface AskingParts extends Pick<ProxyParts, "isPaused" | "onEnd"> {
  readonly clock: Clock;
  /** As it stands in the audit log. */
  readonly actor: string;
}

export interface Asking {
  readonly connection: Connection;
  /** Of a write: the same for every repeat of the request. */
  readonly key?: string;
  /** An earlier request with this key may have had its effect. */
  readonly suspect?: boolean;
  /** Which of the model's fields stands behind each of the provider's. */
  readonly fields?: Readonly<Record<string, string>>;
}

/**
 * Asks a provider on behalf of somebody who waits. It is told and written down as calls of the proxy are.
 *
 * @throws `TRAFFIC_PAUSED`; the codes of `unifiedErrors`, with the pipeline's or the connector's own code in the text, and as the cause.
 */
export async function askProvider<T>(parts: AskingParts, asking: Asking, work: () => Promise<T>): Promise<T> {
  const { clock, actor, isPaused, onEnd } = parts;
  const { connection, key = "", suspect = false, fields = {} } = asking;
  if (isPaused?.(connection) === true) throw pausedError(connection);
  const attempts: Attempt[] = [];
  const context = {
    key,
    suspect,
    leaseCheck: () => undefined,
    onAttempt: (attempt: Attempt) => void attempts.push(attempt),
    lane: "interactive",
    signal: AbortSignal.timeout(deadlineMs),
    deadlineAt: clock.now() + deadlineMs,
  } as const;
  try {
    const result = await runInOperation(context, work);
    onEnd({ connection, actor, attempts, refusal: undefined, ok: true });
    return result;
  } catch (error) {
    const refusal = isBelayError(error) ? toRefusal(error, fields) : error;
    onEnd({ connection, actor, attempts, refusal: isBelayError(refusal) ? refusal.code : "API_FAILED", ok: false });
    throw refusal;
  }
}

function pausedError({ id }: Connection): BelayError {
  return new BelayError("TRAFFIC_PAUSED", `Calls to connection "${id}" are paused; \`belay paused\` says who did it, and why.`);
}

function toRefusal(error: BelayError, fields: Readonly<Record<string, string>>): BelayError {
  const { code, message } = error;
  if (code.startsWith("UNIFIED_") || code.startsWith("API_")) return error;
  if (code === "HTTP_OUTCOME_UNKNOWN") return new BelayError("UNIFIED_OUTCOME_UNKNOWN", message, { cause: error });
  if (code === "CLIENT_INPUT_INVALID" || code === "MODEL_FIELD_READ_ONLY") return fieldRefused(error, fields);
  const text = `${code}: ${message}`;
  if (error.retry === "never") return new BelayError("UNIFIED_PROVIDER_REFUSED", text, { cause: error });
  return new BelayError("UNIFIED_PROVIDER_UNAVAILABLE", text, { retry: error.retry, cause: error });
}

/** In the caller's words: the provider's field would tell them nothing. */
function fieldRefused(error: BelayError, fields: Readonly<Record<string, string>>): BelayError {
  const { paths } = error.details;
  const own = (Array.isArray(paths) ? paths : []).map((path) => fields[String(path).split(".")[0] ?? ""] ?? String(path));
  return new BelayError("UNIFIED_FIELD_REFUSED", `${[...new Set(own)].join(", ")}: ${error.message}`, {
    details: { paths: own },
    cause: error,
  });
}
