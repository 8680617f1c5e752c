import { BelayError, isBelayError } from "@belay/sdk";
import { runInOperation } from "@belay/sdk/http";

/** How long a request of the unified API may take with its provider. */
const deadlineMs = 25_000;

export interface Asking {
  /** Of a write: the same for every repeat of the request. */
  readonly key?: string;
  /** An earlier request with this key may have had its effect. */
  readonly suspect?: boolean;
  /** Which of the model's fields stands behind each of the provider's. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly now: number;
}

/**
 * Asks a provider on behalf of somebody who waits.
 *
 * @throws the codes of `unifiedErrors`, with the pipeline's or the connector's own code in the text, and as the cause.
 */
export async function askProvider<T>({ key = "", suspect = false, fields = {}, now }: Asking, work: () => Promise<T>): Promise<T> {
  const context = {
    key,
    suspect,
    leaseCheck: () => undefined,
    lane: "interactive",
    signal: AbortSignal.timeout(deadlineMs),
    deadlineAt: now + deadlineMs,
  } as const;
  try {
    return await runInOperation(context, work);
  } catch (error) {
    if (!isBelayError(error)) throw error;
    throw toRefusal(error, fields);
  }
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
