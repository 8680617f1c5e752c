import type { ErrorRow } from "@belay/sdk";

/** What goes back to the client: an answer, or none. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/**
 * What can be wrong with a request, or with the provider. `unknown-route`: the API has no such call; `malformed`: the body cannot be
 * read; `key-…`: the idempotency key; `taken`: a unique value.
 */
export type FailureKind =
  | "unauthorized"
  | "unknown-route"
  | "malformed"
  | "not-found"
  | "method-not-allowed"
  | "invalid"
  | "taken"
  | "key-running"
  | "key-reused"
  | "limited"
  | "server-error"
  | "unavailable";

/** Error answers in the provider's own words, where the default ones do not do. */
export type FailureAnswers = Readonly<Partial<Record<FailureKind, { readonly status: number; readonly body: unknown }>>>;

/** `temporary` says that the same request may succeed later. */
const defaults: Readonly<Record<FailureKind, { readonly status: number; readonly error: string; readonly temporary: boolean }>> = {
  unauthorized: { status: 401, error: "Unauthorized", temporary: false },
  "unknown-route": { status: 404, error: "InvalidEndpoint", temporary: false },
  malformed: { status: 400, error: "BadRequest", temporary: false },
  "not-found": { status: 404, error: "RecordNotFound", temporary: false },
  "method-not-allowed": { status: 405, error: "MethodNotAllowed", temporary: false },
  invalid: { status: 422, error: "RecordInvalid", temporary: false },
  taken: { status: 409, error: "Conflict", temporary: false },
  "key-running": { status: 409, error: "IdempotencyKeyInUse", temporary: true },
  "key-reused": { status: 400, error: "IdempotencyKeyReused", temporary: false },
  limited: { status: 429, error: "TooManyRequests", temporary: true },
  "server-error": { status: 500, error: "InternalServerError", temporary: true },
  unavailable: { status: 503, error: "ServiceUnavailable", temporary: true },
};

/** Makes error answers: in the provider's words where given, else such that the connector's error table knows them. */
export type FailureWriter = (kind: FailureKind, description: string, retryAfterSeconds?: number) => Answer;

export function writeFailures(errors: readonly ErrorRow[], own: FailureAnswers): FailureWriter {
  const refusalStatus = [422, 400].find((status) => errors.some((row) => row.status === status && row.retry === "never")) ?? 422;
  return (kind, description, retryAfterSeconds) => {
    const headers = retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) };
    const given = own[kind];
    if (given !== undefined) return { ...given, headers };
    const { error, temporary, ...standard } = defaults[kind];
    const status = kind === "invalid" ? refusalStatus : standard.status;
    const rows = errors.filter((row) => row.status === status && (row.retry !== "never") === temporary);
    const plain = rows.some((row) => row.contains === undefined);
    return { status, headers, body: { error: plain ? error : (rows[0]?.contains ?? error), description } };
  };
}
