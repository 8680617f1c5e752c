import type { ErrorRow } from "@belay/sdk";

/** What goes back to the client: an answer, or none. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Why a request failed. `temporary` says that the same request may succeed later. */
export interface Failure {
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly temporary: boolean;
  readonly retryAfterSeconds?: number;
}

/** An error answer with the words by which the connector's error table knows it. */
export function failureAnswer(errors: readonly ErrorRow[], failure: Failure): Answer {
  const rows = errors.filter((row) => row.status === failure.status && (row.retry !== "never") === failure.temporary);
  const row = rows.find((candidate) => candidate.contains !== undefined);
  return {
    status: failure.status,
    ...(failure.retryAfterSeconds !== undefined && { headers: { "retry-after": String(failure.retryAfterSeconds) } }),
    body: { error: row?.contains ?? failure.reason, description: failure.message },
  };
}
