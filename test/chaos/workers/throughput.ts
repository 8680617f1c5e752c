const stepMs = 100;

/** Effects in a stretch of time. `times` rise. */
export function countBetween(times: readonly number[], from: number, until: number): number {
  return firstAtOrAfter(times, until) - firstAtOrAfter(times, from);
}

export interface Expected {
  /** When the disturbance came, ms since the epoch. */
  readonly from: number;
  /** Nothing is known of later times. */
  readonly until: number;
  readonly perSecond: number;
  readonly windowMs: number;
}

/** How long after a disturbance the first stretch began in which at least so much was done as is expected, ms; `undefined`: none has yet. `times` rise. */
export function recoveredAfterMs(times: readonly number[], { from, until, perSecond, windowMs }: Expected): number | undefined {
  const enough = (perSecond * windowMs) / 1_000;
  for (let start = from; start + windowMs <= until; start += stepMs)
    if (countBetween(times, start, start + windowMs) >= enough) return start - from;
  return undefined;
}

function firstAtOrAfter(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
