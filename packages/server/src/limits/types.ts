import type { ParsedLimit } from "@belay/sdk/http";

/** Units by lane, the lane served first standing first: interactive, event, sync, backfill. */
export type ByLane = readonly [number, number, number, number];

/** Permits that a holder may spend until a time. What is left of it and what is under way counts as used. */
export interface Block {
  readonly id: string;
  readonly holder: string;
  /** Not known to be counted by the provider, nor given back. */
  readonly units: number;
  readonly fromMs: number;
  readonly spendUntilMs: number;
  /** When its holder last said that it has it. */
  readonly seenMs: number;
}

/** Units and the time that they count by: when the provider had counted them at the latest; for windows by the clock, when the window began. */
export type Counted = readonly [atMs: number, units: number];

/** How many requests a holder may have under way, and until when that counts. */
export type Places = readonly [units: number, untilMs: number];

/** What is known of one limit. */
export interface LimitState {
  /** What it was counted for; a changed limit takes over what can be taken over. */
  readonly perMs: number;
  readonly align: string;
  readonly counted: readonly Counted[];
  readonly blocks: readonly Block[];
  readonly places: Readonly<Record<string, Places>>;
  /** What holders could not be given, and when they said so. */
  readonly waits: Readonly<Record<string, readonly [atMs: number, units: ByLane]>>;
}

/** Who used how much, counted anew each hour. */
export interface Usage {
  readonly sinceMs: number;
  /** `tenant/flow` */
  readonly by: Readonly<Record<string, number>>;
}

/** What is known of one budget: its row. Times are the database's, in epoch milliseconds. */
export interface BudgetState {
  readonly limits: readonly LimitState[];
  readonly blockedUntilMs: number;
  readonly usage: Usage;
}

export const emptyBudget: BudgetState = { limits: [], blockedUntilMs: 0, usage: { sinceMs: 0, by: {} } };

/** A block as its holder tells of it. */
export interface HeldBlock {
  readonly id: string;
  /** Left or under way. */
  readonly outstanding: number;
  /** Since it was last told: units, and how long after the block was asked for their answer was there. */
  readonly counted: readonly (readonly [afterMs: number, units: number])[];
}

/** What a holder says and wants of one limit. */
export interface LimitAsk {
  readonly held: readonly HeldBlock[];
  /** Units for calls that wait, and what is worth having in advance. */
  readonly wants: ByLane;
  /** Of these, for calls that wait. */
  readonly waiting: ByLane;
  /** What the dearest of these calls costs: fewer units help nobody. */
  readonly dearest: number;
  readonly places: { readonly inUse: number; readonly wants: number };
  /** How it stands by what the provider said, and how long ago that was asked. */
  readonly learned?: { readonly remaining: number; readonly askedMsAgo: number; readonly resetInMs?: number };
}

/** What a holder wants of one budget. */
export interface Ask {
  readonly tenant: string;
  readonly key: string;
  readonly holder: string;
  /** The id of the blocks that are granted. */
  readonly block: string;
  readonly limits: readonly ParsedLimit[];
  readonly of: readonly LimitAsk[];
  /** The provider lets nobody through for so long. */
  readonly blockForMs?: number;
  /** Units used since it last asked, by `tenant/flow`. */
  readonly used?: Readonly<Record<string, number>>;
}

export interface LimitAnswer {
  readonly granted: number;
  readonly places: number;
  /** When more will be free, as far as can be foreseen: so many units in all, so many milliseconds from now. */
  readonly frees: readonly (readonly [inMs: number, units: number])[];
}

export interface Answer {
  readonly tenant: string;
  readonly key: string;
  readonly holder: string;
  readonly block: string;
  readonly of: readonly LimitAnswer[];
  /** How long after it was asked for the block may be spent. */
  readonly spendForMs: number;
  /** How long after they were asked for requests may begin in the places. */
  readonly placesForMs: number;
  readonly blockedForMs: number;
}
