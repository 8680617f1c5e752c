import type { PageRecord } from "@belay/sdk/sync";
import type { Proof, WhyNone } from "@belay/sdk/walk";
import type { TroubledRaw } from "../records/index.ts";
import type { WalkKind } from "./types.ts";

/* What whoever walks is told, and says. Plain data: it crosses to another thread. */

/** A walk to go on with. */
export interface WalkRequest {
  readonly kind: WalkKind;
  /** Where it stands, JSON; null: at its beginning. */
  readonly cursor: string | null;
  /** What the sync knew before it, JSON; null: nothing. */
  readonly progress: string | null;
  /** The tenant's settings, JSON. */
  readonly settings: string;
  /** Records of earlier walks that could not be taken, to be tried again first. */
  readonly troubled: readonly TroubledRaw[];
  /** Epoch milliseconds. */
  readonly startedAtMs: number;
}

/** A page that was read and mapped. */
export interface WalkPage {
  readonly records: readonly PageRecord[];
  /** Names of the troubles that are among the records again. */
  readonly retried?: readonly string[];
  /** How many pages of the provider it is: 0 for one of troubles alone. */
  readonly pages: number;
  /** Where the walk stands after it, JSON. */
  readonly cursor: string;
  /** How many records there will be, as the provider says; null: it does not. */
  readonly expected: number | null;
  /** The walk has used up its turn: the next one goes on. */
  readonly yields: boolean;
  /** It is the last. */
  readonly end?: WalkEnding;
}

/** How a walk came to its end. */
export interface WalkEnding {
  /** It came to the provider's own end; else its pages lead nowhere. */
  readonly reached: boolean;
  /** That it saw everything; null: it cannot be said, and why. */
  readonly proof: Proof | null;
  readonly whyNone: readonly WhyNone[];
  /** What the next walk begins from, JSON; null: as before. */
  readonly progress: string | null;
}

/** The page is kept. Without `goOn` the walk ends here: it was paused, or has used up its turn. */
export interface PageAnswer {
  readonly goOn: boolean;
}
