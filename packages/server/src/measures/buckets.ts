/** Upper bounds of the buckets that Prometheus is shown, seconds. */
export const bucketSeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300] as const;

const bucketMs = bucketSeconds.map((seconds) => seconds * 1_000);

/** Durations since the process started, in fixed buckets. */
export class Buckets {
  /** How many fell into each bucket and into none of those before it; beyond the last one is one more. */
  readonly counts = new Float64Array(bucketMs.length + 1);
  sumMs = 0;

  add(valueMs: number, times: number): void {
    let index = 0;
    while (index < bucketMs.length && valueMs > (bucketMs[index] ?? Infinity)) index += 1;
    this.counts[index] = (this.counts[index] ?? 0) + times;
    this.sumMs += valueMs * times;
  }

  merge(other: Buckets): void {
    other.counts.forEach((count, index) => (this.counts[index] = (this.counts[index] ?? 0) + count));
    this.sumMs += other.sumMs;
  }
}
