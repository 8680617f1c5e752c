import { keepSteps } from "./steps.ts";

/**
 * Leaves out steps as long as the history still fails: first halves, then ever smaller parts, until no single step can be spared. Faults lie in wait for a
 * chance instead of naming one, so most of what is left still bites.
 *
 * @param fails Plays a history, and says whether it fails in the same way.
 * @param mostPlays Bounds the time; what has been reached by then is returned.
 * @see Zeller, Hildebrandt: Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28 (2002)
 */
export async function shrinkHistory<Whole extends { readonly steps: readonly { readonly number: number }[] }>(
  history: Whole,
  fails: (shorter: Whole) => Promise<boolean>,
  mostPlays = 300,
): Promise<Whole> {
  let shortest = history;
  let plays = 0;
  for (let size = Math.ceil(history.steps.length / 2); size >= 1;) {
    let spared = false;
    for (let from = 0; from < shortest.steps.length && plays < mostPlays;) {
      const rest = shortest.steps.filter((_, index) => index < from || index >= from + size).map(({ number }) => number);
      const shorter = keepSteps(shortest, rest);
      plays += Number(rest.length > 0);
      if (rest.length > 0 && (await fails(shorter))) {
        shortest = shorter;
        spared = true;
      } else from += size;
    }
    if (plays >= mostPlays) return shortest;
    if (!spared || size > shortest.steps.length) size = size === 1 ? 0 : Math.floor(size / 2);
  }
  return shortest;
}
