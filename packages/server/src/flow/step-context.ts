import { hash } from "node:crypto";
import type { Reference } from "@belay/sdk";
import type { Attempt, OperationContext } from "@belay/sdk/http";
import type { RunRequest } from "./protocol.ts";

/** What a step's calls have in common, beside what stands in the request. */
export interface StepContextParts {
  /** Empty for the run itself. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
  /** W3C trace context; `undefined`: the message has no trace. */
  readonly traceparent: string | undefined;
  /** Throws `LEASE_LOST`. */
  readonly leaseCheck: () => void;
  readonly onWrite: (() => void) | undefined;
  readonly onCreated: (references: readonly Reference[]) => void;
  readonly onAttempt: (attempt: Attempt) => void;
}

type Identity = Pick<RunRequest, "tenant" | "flow" | "lane" | "connection" | "eventKey" | "suspect" | "firstAttemptAtMs">;

/**
 * On whose behalf the calls of a step are made. A class, because there are two of them for every event: the same as an object literal, with a getter and members that are
 * there or not, takes twenty times as long to make and seven times the memory.
 */
export class StepContext implements OperationContext {
  readonly suspect: boolean;
  readonly signal: AbortSignal;
  readonly lane: RunRequest["lane"];
  readonly flow: string;
  readonly deadlineAt: number;
  readonly traceparent?: string;
  readonly firstAttemptAt?: number;
  readonly #request: Identity;
  readonly #parts: StepContextParts;
  #key: string | undefined;

  constructor(request: Identity, parts: StepContextParts) {
    this.suspect = request.suspect;
    this.signal = parts.signal;
    this.lane = request.lane;
    this.flow = request.flow;
    this.deadlineAt = parts.deadlineAt;
    if (parts.traceparent !== undefined) this.traceparent = parts.traceparent;
    if (request.firstAttemptAtMs !== null) this.firstAttemptAt = request.firstAttemptAtMs;
    this.#request = request;
    this.#parts = parts;
  }

  /** Most runs write nothing outside their steps: it is worked out when it is asked for. */
  get key(): string {
    const { tenant, flow, connection, eventKey } = this.#request;
    this.#key ??= hash("sha256", JSON.stringify([tenant, flow, connection, eventKey, this.#parts.name]), "base64url");
    return this.#key;
  }

  leaseCheck(): void {
    this.#parts.leaseCheck();
  }

  onWrite(): void {
    this.#parts.onWrite?.();
  }

  onCreated(references: readonly Reference[]): void {
    this.#parts.onCreated(references);
  }

  onAttempt(attempt: Attempt): void {
    this.#parts.onAttempt(attempt);
  }
}
