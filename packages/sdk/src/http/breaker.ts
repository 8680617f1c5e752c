/** What may fail alike: one connection, or all connections of its provider. */
export interface BreakerSubject {
  /** `tenant/connection` */
  readonly connection: string;
  /** Shared by all connections of one provider, see `providerOf`. */
  readonly provider: string;
}

/** Whether an attempt may be sent. `probe`: it is the one that decides whether the breaker closes. */
export type Admission = { readonly admitted: true; readonly probe: boolean } | { readonly admitted: false; readonly afterMs: number };

/** How an admitted attempt ended; `released` says nothing about the provider. */
export type AttemptOutcome = "success" | "failure" | "released";

/**
 * Keeps calls away from a provider that fails. Answers may be given at once, to spare the hot path a turn, or later.
 */
export interface Breaker {
  /** Asks to send one attempt. `afterMs` of a refusal: time until the next probe. */
  admit(subject: BreakerSubject, now: number): Admission | Promise<Admission>;
  /** Tells the end of an attempt; exactly once for each one admitted. */
  report(subject: BreakerSubject, probe: boolean, outcome: AttemptOutcome, now: number): void | Promise<void>;
  /** For how long attempts are kept away from now on, ms; 0: they are not. Asks for nothing. */
  closedForMs(subject: BreakerSubject, now: number): number;
}
