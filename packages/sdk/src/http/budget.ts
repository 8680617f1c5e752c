import type { Lane } from "../connector/limit.ts";

/** A limit in numbers. */
export interface ParsedLimit {
  /** In any window of `perMs`; `Infinity` when only concurrency is limited. */
  readonly requests: number;
  readonly perMs: number;
  readonly concurrent: number;
  /** The time zone by whose clock windows begin. Absent: nobody knows where they do. */
  readonly align?: string;
  /** Shares kept free for lanes, 0 to 1. */
  readonly reserve?: Readonly<Partial<Record<Lane, number>>>;
}

/** What calls use up together: those of a connection, of a provider account, of a tenant, of the whole app, or of these to one endpoint. */
export interface SharedBudget {
  /** The same wherever the same calls are counted, in whatever process. */
  readonly key: string;
  /** Empty when tenants share it. */
  readonly tenant: string;
  readonly limits: readonly ParsedLimit[];
}

/** What a call takes of one budget. */
export interface BudgetUse {
  readonly budget: SharedBudget;
  /** By limit of the budget; what has no entry costs 1. */
  readonly costs: readonly number[];
}

/** A call that wants to be made. */
export interface Demand {
  /** Of the connection itself: has no limits where the connector declares none, but can be blocked. */
  readonly own: SharedBudget;
  readonly uses: readonly BudgetUse[];
  readonly lane: Lane;
  /** On whose behalf, for those who ask who uses a budget up. */
  readonly flow?: string;
  /** Epoch milliseconds: nobody waits longer for the answer. */
  readonly giveUpAt: number;
}

/** The right to send one request. */
export interface Permit {
  /** Whether it may still be used. Asked just before the bytes leave: one that was held too long is worth nothing. Default: always. */
  holds?(): boolean;
  /** Called once, when the request is answered or has failed. `sent` false: certainly nothing left, so nothing was used up. */
  end(sent: boolean): void;
}

export type Grant = { readonly granted: true; readonly permit: Permit } | { readonly granted: false; readonly afterMs: number };

/** How a limit stands by what an answer said of it. */
export interface Standing {
  readonly remaining: number;
  /** Epoch milliseconds; absent: unknown. */
  readonly resetAt?: number;
  /** When the request left whose answer it is, epoch milliseconds. */
  readonly askedAt: number;
}

/** What may still be sent under providers' limits. Answers may be given at once, to spare the hot path a turn, or later. */
export interface Budget {
  /** Takes what the call costs from every budget that it uses, or from none. `afterMs` of a refusal: when it is worth asking again. */
  take(demand: Demand, now: number): Grant | Promise<Grant>;
  /** Lets nobody who shares the budget through before `until` (epoch milliseconds): the provider said so. The later of two blocks holds. */
  block(budget: SharedBudget, until: number): void | Promise<void>;
  /** Takes note of how the provider counts one of the budget's limits. Default: nothing is learned. */
  learn?(budget: SharedBudget, limit: number, standing: Standing): void;
}
