import { DDSketch } from "@datadog/sketches-js";

/** A quantile is within this share of the true value. */
export const relativeAccuracy = 0.01;

/** A distribution as it is kept: how many values fell into each bucket of the sketch. */
export interface StoredDistribution {
  /** Values that were 0. */
  readonly zeros: number;
  readonly sum: number;
  readonly max: number;
  readonly keys: readonly number[];
  readonly counts: readonly number[];
}

/** What is shown of a distribution. Milliseconds. */
export interface Quantiles {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Many values, kept as a sketch that can be merged with others: quantiles of the whole are as exact as those of the parts, which no quantile of quantiles would be.
 *
 * The library's own format needs a protobuf package that it does not declare; ours is its buckets, as JSON.
 *
 * @see https://arxiv.org/abs/1908.10693
 */
export class Distribution {
  readonly #sketch = new DDSketch({ relativeAccuracy });

  get count(): number {
    return this.#sketch.count;
  }

  /** Adds a value, several times if it is to weigh more. Negative values, as of a clock that was set back, count as 0. */
  add(valueMs: number, times = 1): void {
    this.#sketch.accept(valueMs > 0 ? valueMs : 0, times);
  }

  merge(other: StoredDistribution): void {
    const sketch = this.#sketch;
    sketch.zeroCount += other.zeros;
    sketch.count += other.zeros;
    other.keys.forEach((key, index) => {
      const count = other.counts[index] ?? 0;
      sketch.store.add(key, count);
      sketch.count += count;
    });
    sketch.sum += other.sum;
    sketch.max = Math.max(sketch.max, other.max);
  }

  store(): StoredDistribution {
    const { store, zeroCount, sum, max, count } = this.#sketch;
    const keys: number[] = [];
    const counts: number[] = [];
    store.bins.forEach((bin, index) => {
      if (bin === 0) return;
      keys.push(index + store.offset);
      counts.push(bin);
    });
    return { zeros: zeroCount, sum, max: count === 0 ? 0 : max, keys, counts };
  }

  /** `null` when nothing was added. */
  quantiles(): Quantiles | null {
    const { count, sum, max } = this.#sketch;
    if (count === 0) return null;
    const at = (quantile: number): number => rounded(Math.min(max, this.#sketch.getValueAtQuantile(quantile)));
    return { count, mean: rounded(sum / count), p50: at(0.5), p95: at(0.95), p99: at(0.99), max };
  }
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
