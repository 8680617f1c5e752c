import type { ErrorRow, Failure, FailureKind, FieldProblem } from "@belay/sdk";

import type { ResolvedBodies } from "@belay/sdk/formats";

export type { FailureKind } from "@belay/sdk";

/** What goes back to the client: an answer, or none. A body of `undefined` is an empty one. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** How the body is written. Default: as the connector says. */
  readonly bodies?: ResolvedBodies;
}

/** Error answers in the provider's own words, where neither its error table nor the default ones do. */
export type FailureAnswers = Readonly<Partial<Record<FailureKind, { readonly status: number; readonly body: unknown }>>>;

/** `temporary` says that the same request may succeed later. */
const defaults: Readonly<Record<FailureKind, { readonly status: number; readonly error: string; readonly temporary: boolean }>> = {
  unauthorized: { status: 401, error: "Unauthorized", temporary: false },
  forbidden: { status: 403, error: "Forbidden", temporary: false },
  "unknown-route": { status: 404, error: "InvalidEndpoint", temporary: false },
  "wrong-type": { status: 415, error: "UnsupportedMediaType", temporary: false },
  malformed: { status: 400, error: "BadRequest", temporary: false },
  "not-found": { status: 404, error: "RecordNotFound", temporary: false },
  "method-not-allowed": { status: 405, error: "MethodNotAllowed", temporary: false },
  invalid: { status: 422, error: "RecordInvalid", temporary: false },
  taken: { status: 409, error: "Conflict", temporary: false },
  refused: { status: 422, error: "RecordInvalid", temporary: false },
  "key-running": { status: 409, error: "IdempotencyKeyInUse", temporary: true },
  "key-reused": { status: 400, error: "IdempotencyKeyReused", temporary: false },
  "cursor-invalid": { status: 400, error: "InvalidCursor", temporary: false },
  "cursor-expired": { status: 410, error: "CursorExpired", temporary: false },
  "version-unknown": { status: 400, error: "UnknownVersion", temporary: false },
  "version-sunset": { status: 410, error: "VersionSunset", temporary: false },
  limited: { status: 429, error: "TooManyRequests", temporary: true },
  "server-error": { status: 500, error: "InternalServerError", temporary: true },
  unavailable: { status: 503, error: "ServiceUnavailable", temporary: true },
};

export interface FailureDetails {
  readonly retryAfterSeconds?: number;
  /** The fields that are wrong, by dotted path. */
  readonly paths?: readonly string[];
  /** The same, with what is wrong with each. Default: a value. */
  readonly fields?: readonly FieldProblem[];
  /** What was asked for. */
  readonly resource?: string;
  readonly id?: string;
  /** Where the declaration has a status of its own for it. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Makes error answers: in the provider's words where given, else such that the connector's error table knows them. */
export type FailureWriter = (kind: FailureKind, description: string, details?: FailureDetails) => Answer;

export interface FailureWords {
  readonly errors: readonly ErrorRow[];
  /** The test's own, which stand above all. */
  readonly own: FailureAnswers;
  readonly errorBody?: ((failure: Failure) => unknown) | undefined;
}

export function writeFailures({ errors, own, errorBody }: FailureWords): FailureWriter {
  const refusalStatus = [422, 400].find((status) => errors.some((row) => row.status === status && row.retry === "never")) ?? 422;
  return (kind, description, { retryAfterSeconds, status: declared, headers: more, resource, id, ...wrong } = {}) => {
    const fields = wrong.fields ?? (wrong.paths ?? []).map((path) => ({ path, is: "value" as const }));
    const paths = fields.map(({ path }) => path);
    const headers = { ...(retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }), ...more };
    const given = own[kind];
    if (given !== undefined) return { ...given, headers };
    const row = errors.find((one) => one.answers?.includes(kind) && (one.fields?.some((field) => paths.includes(field)) ?? true));
    if (row?.example !== undefined) return { status: row.status, headers, body: row.example };
    const { error, temporary, ...standard } = defaults[kind];
    const status = row?.status ?? declared ?? (kind === "invalid" || kind === "refused" ? refusalStatus : standard.status);
    const rows =
      row === undefined
        ? errors.filter((one) => one.answers === undefined && one.status === status && (one.retry !== "never") === temporary)
        : [row];
    const shown = rows.find((one) => one.contains === undefined) ?? rows[0];
    if (shown?.example !== undefined) return { status, headers, body: shown.example };
    const plain = rows.some((one) => one.contains === undefined);
    const marker = plain ? undefined : rows[0]?.contains;
    const body = errorBody?.({ kind, status, description, marker, paths, fields, resource, id }) ?? { error: marker ?? error, description };
    return { status, headers, body };
  };
}
