import type { Connection, Reference, Retry } from "@belay/sdk";
import type { CacheAsk, CacheChange, CacheFound, KeptAnswer, KnownAnswer } from "@belay/sdk/http";
import type { BlockedBudget, PermitAnswer, PermitAsk } from "../limits/index.ts";
import type { Lane } from "../mailbox/index.ts";
import type { BreakerKey, OpenBreaker, ProbeAnswer, ProbeEnd, Trip, Vouch } from "../breakers/index.ts";
import type { PageAnswer, WalkPage, WalkRequest } from "../syncs/index.ts";
import type { WriteAnswer, WriteReport, WriteRequest } from "../two-way/index.ts";
import type { CallReport } from "./call-tally.ts";
import type { RunReport } from "./run-report.ts";

/** What the main thread and a worker thread say to each other. Strings, numbers and plain objects only: they are copied. */

export interface RunRequest {
  /** Names the run between the two threads. */
  readonly run: number;
  /** Whose turn it is where a provider's limit is short. */
  readonly lane: Lane;
  /** Where the thread finds the time until which the lease holds, see `lease-times.ts`. */
  readonly slot: number;
  readonly tenant: string;
  readonly flow: string;
  /** The connection to write to. */
  readonly target: string;
  readonly connection: string;
  readonly eventKey: string;
  readonly eventType: string;
  /** JSON text. */
  readonly payload: string;
  readonly attempt: number;
  readonly suspect: boolean;
  readonly firstAttemptAtMs: number | null;
  readonly trace: string | null;
  readonly steps: Readonly<Record<string, string>>;
  /** The connections that the flow uses beside its target, by the names it gave them. Default: those of the configuration. */
  readonly further?: Readonly<Record<string, string>>;
  /** It is a walk of the sync that `flow` names. */
  readonly walk?: WalkRequest;
  /** It merges a thing of the two-way sync that `flow` names. */
  readonly write?: WriteRequest;
}

/** What a thread is to know of a connection from now on: what its configuration does not hold, or not any more. */
export interface ConnectionUpdate {
  readonly id: string;
  /** As JSON-like data, without secrets. Absent: as the configuration has it, or as it was told before. */
  readonly definition?: ConnectionDefinition;
  /** Absent: as it was told before. */
  readonly credential?: { readonly version: number; readonly fields: Readonly<Record<string, string>> };
  /** There is no such connection any more. */
  readonly gone?: true;
}

/** A connection that was made at run time, as far as a thread needs it. Certificates of its own only the configuration gives. */
export type ConnectionDefinition = Omit<Connection, "credential" | "webhookSecrets" | "endpoint" | "tls">;

/** The provider refused a connection's credential in this version. */
export interface CredentialRefused {
  readonly request: number;
  readonly connection: string;
  readonly version: number;
}

/** The answer to it: what is to be used now came with the same message, or this is why there is nothing. */
export interface CredentialRenewed {
  readonly request: number;
  readonly error?: { readonly code: string; readonly text: string; readonly retry: Retry; readonly waits: boolean };
}

/** Asks what a call was answered with last. */
export interface KnownAsked extends Pick<KeptAnswer, "tenant" | "connection" | "key"> {
  readonly request: number;
}

/** The answer to it. */
export interface KnownFound {
  readonly request: number;
  readonly found?: KnownAnswer;
}

/** Looks something up in the cache. */
export interface CacheAsked {
  readonly request: number;
  readonly asked: CacheAsk;
}

/** The answer to it. */
export interface CacheSaid {
  readonly request: number;
  readonly found: CacheFound;
}

/** A call has ended that others may wait for; null: it brought nothing. */
export interface CacheLanded {
  readonly flight: number;
  readonly value: string | null;
}

/** What a thread has to say to the cache, and to ask. */
export interface CacheNews {
  readonly asked: readonly CacheAsked[];
  readonly landed: readonly CacheLanded[];
  readonly changed: readonly CacheChange[];
}

/** What a thread has to tell of breakers, or to ask. */
export type BreakerNews =
  | { readonly kind: "trip"; readonly trip: Trip }
  | { readonly kind: "end"; readonly end: ProbeEnd }
  | { readonly kind: "vouch"; readonly vouch: Vouch }
  | { readonly kind: "claim"; readonly request: number; readonly key: BreakerKey };

/** The answer to a claim. */
export interface ProbeAnswered {
  readonly request: number;
  readonly answer: ProbeAnswer;
}

export type RunEnd =
  | {
      readonly run: number;
      readonly kind: "delivered";
      readonly stepped: boolean;
      readonly created?: readonly Reference[];
      readonly report?: RunReport;
    }
  | {
      readonly run: number;
      readonly kind: "failed";
      readonly code: string;
      readonly error: string;
      readonly retry: Retry;
      /** Nothing was attempted because the far end or the budget cannot take anything now. */
      readonly waits: boolean;
      /** The provider was away: a breaker says so, or the last attempt met what opens one. Default: it was not. */
      readonly outage?: boolean;
      readonly stepped: boolean;
      /** What records are known by that this run created. */
      readonly created?: readonly Reference[];
      readonly report?: RunReport;
    }
  | { readonly run: number; readonly kind: "suspended" };

export interface FinishedStep {
  readonly name: string;
  /** JSON text. */
  readonly result: string;
  /** It may have changed something at the provider. */
  readonly wrote: boolean;
}

/** A walk has read and mapped a page; or something became of a thing that is merged. */
export interface PageRead {
  readonly run: number;
  /** Names the request, so that the answer finds its way. */
  readonly request: number;
  readonly page: WalkPage | WriteReport;
}

/** The answer to it: it is on disk, or why it is not. */
export interface PageTaken {
  readonly request: number;
  readonly answer?: PageAnswer | WriteAnswer;
  readonly error?: NonNullable<CredentialRenewed["error"]>;
}

export interface StepFinished extends FinishedStep {
  readonly run: number;
  /** Names the request, so that the answer finds its way. */
  readonly request: number;
}

/** A thread wants permits, or tells what has become of some. */
export interface PermitRequest {
  /** Names the request, so that the answers find their way. */
  readonly request: number;
  readonly asks: readonly PermitAsk[];
}

export interface PermitsLeased {
  readonly request: number;
  /** None of budgets that could not be reached. */
  readonly answers: readonly PermitAnswer[];
}

export interface ToThread {
  /** Answers to `permits`. */
  readonly leased?: readonly PermitsLeased[];
  /** Budgets that a provider has closed to everybody. */
  readonly blocked?: readonly BlockedBudget[];
  /** Comes before the runs of the same message. */
  readonly connections?: readonly ConnectionUpdate[];
  /** Answers to `refused`. */
  readonly renewed?: readonly CredentialRenewed[];
  /** Answers to `asked`. */
  readonly found?: readonly KnownFound[];
  /** What was looked up in the cache. */
  readonly cached?: readonly CacheSaid[];
  /** All breakers that are open now. Comes before the answers of the same message. */
  readonly open?: readonly OpenBreaker[];
  /** Answers to claims. */
  readonly probes?: readonly ProbeAnswered[];
  readonly run?: readonly RunRequest[];
  /** Answers to `steps`: the result is on disk, or the error that prevented it. */
  readonly recorded?: readonly { readonly request: number; readonly error?: string }[];
  /** Answers to `pages`. */
  readonly taken?: readonly PageTaken[];
  /** Runs to abort. */
  readonly abort?: readonly number[];
  /** Asks for a sign of life. */
  readonly ping?: true;
}

export interface FromThread {
  readonly ready?: true;
  readonly ended?: readonly RunEnd[];
  readonly steps?: readonly StepFinished[];
  readonly pages?: readonly PageRead[];
  readonly refused?: readonly CredentialRefused[];
  readonly permits?: readonly PermitRequest[];
  /** To be remembered for calls that fall back on it. */
  readonly kept?: readonly KeptAnswer[];
  readonly asked?: readonly KnownAsked[];
  /** Comes before the steps and ends of the same message. */
  readonly cache?: CacheNews;
  readonly breakers?: readonly BreakerNews[];
  readonly pong?: true;
  /** Comes with the sign of life. */
  readonly calls?: CallReport;
}

/** What a thread is started with. */
export interface ThreadData {
  readonly configUrl: string;
  readonly leaseTimes: SharedArrayBuffer;
  /** Budgets are those that all workers share. */
  readonly sharesLimits: boolean;
  /** Longest run of one message, ms. */
  readonly runTimeoutMs: number;
  /** Longest attempt of one call, ms. */
  readonly attemptTimeoutMs: number;
  /** Two 32-bit numbers, see `LastWords`. */
  readonly lastWords: SharedArrayBuffer;
  /** It gives way to every other thread of the machine: what runs in it may burn the processor. */
  readonly givesWay: boolean;
}
