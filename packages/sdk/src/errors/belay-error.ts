/**
 * When a failed piece of work may be tried again. It is set where the failure is understood and only read by the queue.
 *
 * - `"never"`: trying again cannot help (bad input, refused by the provider).
 * - `"backoff"`: try again after a growing, jittered pause.
 * - `{ afterMs }`: the far end said when; not before.
 */
export type Retry = "never" | "backoff" | { readonly afterMs: number };

export interface BelayErrorOptions {
  readonly retry?: Retry;
  readonly cause?: unknown;
  /** Facts for the reader of the error; never a secret, a token or a body. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error class of Belay. Tell errors apart by `code`, which is stable and public (see `docs/errors.md`),
 * never by class or text.
 */
export class BelayError extends Error {
  override readonly name = "BelayError";
  readonly code: string;
  readonly retry: Retry;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options: BelayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
    this.details = options.details ?? {};
  }
}

/** True for an error of Belay, also when it was made by another copy of this package. */
export function isBelayError(error: unknown): error is BelayError {
  return error instanceof Error && error.name === "BelayError" && "code" in error && "retry" in error;
}
