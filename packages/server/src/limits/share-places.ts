import type { ParsedLimit } from "@belay/sdk/http";
import { longestAttemptMs, placesForMs } from "./timing.ts";
import type { LimitAsk, LimitState, Places } from "./types.ts";

/**
 * How many requests a holder may have under way. What others were given counts until all that they can have begun is over, so that a holder that was killed or stands still
 * keeps nobody out for ever.
 */
export function sharePlaces(
  places: LimitState["places"],
  { concurrent }: Pick<ParsedLimit, "concurrent">,
  { holder, ask, nowMs }: { readonly holder: string; readonly ask: LimitAsk["places"]; readonly nowMs: number },
): { readonly places: LimitState["places"]; readonly given: number } {
  if (concurrent === Number.POSITIVE_INFINITY) return { places: {}, given: 0 };
  const others = Object.entries(places).filter(([other, [, untilMs]]) => other !== holder && untilMs > nowMs);
  const taken = others.reduce((sum, [, [units]]) => sum + units, 0);
  // Of what is free everybody leaves half while others are there: whoever comes next finds something.
  const free = Math.max(0, concurrent - taken);
  const fair = others.length === 0 ? free : Math.max(1, Math.ceil(concurrent / (others.length + 1)));
  const given = Math.max(ask.inUse, Math.min(ask.inUse + ask.wants, free, fair));
  const own: readonly (readonly [string, Places])[] = given === 0 ? [] : [[holder, [given, nowMs + placesForMs + longestAttemptMs]]];
  return { places: Object.fromEntries([...others, ...own]), given };
}
