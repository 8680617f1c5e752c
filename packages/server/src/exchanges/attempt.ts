import type { ExchangeReport, StepReport } from "../flow/index.ts";

/** A step as it is kept. Times are epoch milliseconds. */
export type KeptStep = StepReport;
/** An exchange as it is kept: tokens stand for personal values. */
export type KeptExchange = ExchangeReport;

/** What is kept of an attempt beside its columns. */
export interface AttemptContents {
  /** The connection written to. */
  readonly target: string;
  readonly error: string | null;
  readonly spanId: string | null;
  /** An earlier attempt may have had effects. */
  readonly suspect: boolean;
  readonly firstAttemptAt: number | null;
  /** Results of steps that earlier attempts had finished, as JSON texts; `null` when they were too long to be kept. */
  readonly known: Readonly<Record<string, string>> | null;
  readonly steps: readonly KeptStep[];
  readonly exchanges: readonly KeptExchange[];
  /** Exchanges that were left out because there were too many: so many, after so many of those above. */
  readonly omitted?: { readonly after: number; readonly count: number };
}

/** One attempt of a message, looked back on. */
export interface KeptAttempt extends Omit<AttemptContents, "known"> {
  /** Counted from 1; after a replay from 1 again. */
  readonly attempt: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  readonly verdict: "delivered" | "retry" | "dead" | "wait" | "suspended";
  readonly code: string | null;
  /** When it was to be tried again; ISO 8601, UTC. */
  readonly nextAt: string | null;
  readonly known: Readonly<Record<string, string>> | null;
  /** The contents could not be read any more: the tenant's key has been destroyed. */
  readonly sealed: boolean;
}
