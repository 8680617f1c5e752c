const windowMs = 2_000;
const stepMs = 250;

/**
 * How long after each fault the throughput was back, in ms: the first moment from which a window of 2 s sees at least 90 % of what is usual. Usual is
 * the median over all windows of the run. Faults too near to the end to be judged are left out.
 *
 * @param effectTimes rising.
 */
export function recoveryTimes(effectTimes: readonly number[], faultTimes: readonly number[], until: number): number[] {
  const first = effectTimes[0];
  if (first === undefined) return [];
  const countFrom = (from: number): number => lowerBound(effectTimes, from + windowMs) - lowerBound(effectTimes, from);
  const counts: number[] = [];
  for (let from = first; from + windowMs <= until; from += stepMs) counts.push(countFrom(from));
  const usual = counts.toSorted((a, b) => a - b)[Math.floor(counts.length / 2)] ?? 0;
  return faultTimes.flatMap((at) => {
    for (let from = at; from + windowMs <= until; from += stepMs) if (countFrom(from) >= 0.9 * usual) return [from - at];
    return [];
  });
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
