import { seedFor, seededRandom } from "./random.ts";
import type { Random } from "./random.ts";

/**
 * Bad habits of real listings, for the simulator to have. Rates are shares between 0 and 1, and by the same seed the same pages are
 * hit. Default: none.
 */
export interface ListingHabits {
  /** A page never has more records, whatever is asked for and declared. */
  readonly serverCap?: number;
  /** Pages amid others that come without records, more following; never the first. Keysets have none: nothing would lead on. */
  readonly emptyPages?: number;
  /** Answers whose total is off by up to a third, in either direction. */
  readonly wrongTotals?: number;
  /** After so many milliseconds a cursor or link is refused as expired. */
  readonly cursorLifetimeMs?: number;
  /** After so many milliseconds the token of a listing of changes is refused as expired. */
  readonly tokenLifetimeMs?: number;
  /** A record shows in listings only so many milliseconds after its creation. */
  readonly lagMs?: number;
  /** A listing of changes with a path of its own, such as a search, knows of a change only after so many milliseconds. */
  readonly changeLagMs?: number;
  /** Before so many of the pages that follow a first one, somebody else creates a record, or deletes one. */
  readonly drift?: { readonly creates?: number; readonly deletes?: number };
}

/** Whether the page at this position comes empty; always the same for the same seed and position. */
export function isHole(seed: number, position: string, { emptyPages = 0 }: ListingHabits): boolean {
  return emptyPages > 0 && seededRandom(seedFor(seed, `hole/${position}`))() < emptyPages;
}

/** The total as this provider gives it. Draws twice in any case, so that other habits keep their draws. */
export function statedTotal(total: number, random: Random, { wrongTotals = 0 }: ListingHabits): number {
  const isWrong = random() < wrongTotals;
  const off = random();
  return isWrong ? Math.max(0, Math.round(total * (1 + (off * 2 - 1) / 3))) : total;
}
