import { AsyncLocalStorage } from "node:async_hooks";
import type { Lane } from "../connector/limit.ts";
import type { Reference } from "../connector/references.ts";
import { BelayError, isBelayError } from "../errors/belay-error.ts";
import { httpError } from "./errors.ts";
import type { Attempt } from "./record.ts";

/** On whose behalf the calls inside a step are made. The flow runner sets it around each step. */
export interface OperationContext {
  /** The same for every attempt of the same step. The nth write (from 0) uses the idempotency key `${key}:${n}`. */
  readonly key: string;
  /** An earlier attempt may have had effects: writes that the provider cannot de-duplicate look before they write. */
  readonly suspect: boolean;
  /** Called just before the bytes of each write attempt leave; throws `LEASE_LOST` when the work is no longer ours. */
  leaseCheck(): void;
  /** Called as the bytes of a write attempt leave. */
  onWrite?(): void;
  /** Called with what a record is known by that a write of this operation has created, or was found to have created. */
  onCreated?(references: readonly Reference[]): void;
  /** Called after each attempt. Must be quick. */
  onAttempt?(attempt: Attempt): void;
  readonly signal: AbortSignal;
  /** Whose turn it is where a provider's limit is short. Writes of the lane `interactive` are not held back to be collected with others. Default `event`. */
  readonly lane?: Lane;
  /** The flow, for those who ask who uses a limit up. */
  readonly flow?: string;
  /** Epoch milliseconds after which no call is begun and none goes on. */
  readonly deadlineAt: number;
  /** W3C trace context, passed on to the provider. @see https://www.w3.org/TR/trace-context/#traceparent-header */
  readonly traceparent?: string;
  /** Epoch milliseconds of the first attempt; tells whether the provider still remembers its keys. */
  readonly firstAttemptAt?: number;
  /**
   * Epoch milliseconds after which the newest earlier attempt cannot have written any more: its end, or its lease's. Spares a
   * suspect write part of the wait for the provider's look-up to catch up.
   */
  readonly lastAttemptEndedAt?: number;
}

/** A context in use: counts its writes and remembers whether one has left. */
export class Operation {
  readonly context: OperationContext;
  #writes = 0;
  #wrote = false;
  #ended = false;

  constructor(context: OperationContext) {
    this.context = context;
  }

  /** True once bytes of a write may have left. */
  get wrote(): boolean {
    return this.#wrote;
  }

  /** The next write's idempotency key. Taken synchronously when the call is made, so that the order of calls decides. */
  nextKey(): string {
    return `${this.context.key}:${this.#writes++}`;
  }

  /** Called when the bytes of a write are about to leave. Throws what the lease check throws; then nothing leaves. */
  beforeWrite(): void {
    this.checkWrite();
    this.markWritten();
  }

  /** Throws where no write of it may leave now. */
  checkWrite(): void {
    if (this.#ended) throw httpError("HTTP_ABORTED", "The step ended before one of its writes was sent; await every write.");
    this.context.leaseCheck();
  }

  /** The bytes leave. */
  markWritten(): void {
    this.#wrote = true;
    this.context.onWrite?.();
  }

  /** No write leaves any more. One left behind by a sibling's failure would be an effect that nobody knows of. */
  end(): void {
    this.#ended = true;
  }
}

const storage = new AsyncLocalStorage<Operation>();

/**
 * Runs `work` so that every client call inside it, however deep, belongs to `context`. Calling it again with the same key is how
 * a step is repeated: the same writes get the same idempotency keys.
 *
 * An error with `details.waits` (nothing was attempted, so the mailbox may wait for free) loses that mark when a write of this
 * operation has already left: the repetition must count as an attempt, or it would not know that it is suspect.
 */
export async function runInOperation<Result>(context: OperationContext, work: () => Promise<Result>): Promise<Result> {
  const operation = new Operation(context);
  try {
    return await storage.run(operation, work);
  } catch (error) {
    if (!operation.wrote || !isBelayError(error) || error.details["waits"] !== true) throw error;
    // It says itself that bytes have left: the message is marked suspect while it waits.
    if (error.details["begun"] === true) throw error;
    throw new BelayError(error.code, error.message, { retry: error.retry, cause: error, details: { ...error.details, waits: false } });
  } finally {
    operation.end();
  }
}

/** The operation that the caller runs in, if any. */
export function currentOperation(): Operation | undefined {
  return storage.getStore();
}
