/** Whether an attempt may be sent. `probe`: it is the one that decides whether the breaker closes. */
export type Admission = { readonly admitted: true; readonly probe: boolean } | { readonly admitted: false; readonly afterMs: number };

/** How an admitted attempt ended; `released` says nothing about the provider. */
export type AttemptOutcome = "success" | "failure" | "released";

/**
 * Keeps calls away from a provider that fails. State is per connection, whose key (`tenant/connection`) comes first in each call.
 * Answers may be given at once, to spare the hot path a turn, or later.
 */
export interface Breaker {
  /** Asks to send one attempt. `afterMs` of a refusal: time until the next probe. */
  admit(connection: string, now: number): Admission | Promise<Admission>;
  /** Tells the end of an attempt; exactly once for each one admitted. */
  report(connection: string, probe: boolean, outcome: AttemptOutcome, now: number): void | Promise<void>;
}
