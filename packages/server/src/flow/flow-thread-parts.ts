import type { Worker } from "node:worker_threads";
import type { LastKnown } from "@belay/sdk/http";
import type { SharedBreakers } from "../breakers/index.ts";
import type { CacheBook } from "../cache/index.ts";
import type { SharedLimits } from "../limits/index.ts";
import type { StepRecord } from "../mailbox/index.ts";
import type { Logger } from "../telemetry/index.ts";
import type { CallReport } from "./call-tally.ts";
import type { NeededConnection } from "./run-needs.ts";

export interface FlowThreadParts {
  readonly create: (lastWords: SharedArrayBuffer) => Worker;
  readonly logger: Logger;
  readonly hangMs: number;
  readonly recordStep: (record: StepRecord) => Promise<void>;
  readonly onCalls?: (report: CallReport) => void;
  /** The budgets that all workers share. Default: the thread has its own. */
  readonly limits?: Pick<SharedLimits, "lease">;
  /** Remembers what calls were answered with last. Default: nothing is remembered. */
  readonly lastKnown?: LastKnown;
  /** Answers that may be given again. Default: the provider is asked every time. */
  readonly cache?: CacheBook;
  /** What is to be used in place of a credential that the provider refused. Default: nothing is renewed. */
  readonly renew?: (connection: string, version: number) => Promise<NeededConnection>;
  /** Those that all processes share. Default: a breaker opens for this thread alone. */
  readonly breakers?: Pick<SharedBreakers, "trip" | "claim" | "end" | "vouch" | "subscribe">;
}

/** The thread ended in the middle of the run. */
export interface ThreadEnded {
  readonly kind: "thread-ended";
  /** The same for all runs that it took down. */
  readonly incident: object;
  /** It was in this run's code when it stood still or exited: nothing else can have ended it. */
  readonly guilty: boolean;
}
