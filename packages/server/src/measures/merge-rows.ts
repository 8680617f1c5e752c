import { Distribution } from "./distribution.ts";
import type { MeasureRow } from "./store.ts";
import type { SeriesKey } from "./types.ts";

/** Several rows of one series as one. */
export class MergedRows {
  readonly key: SeriesKey;
  readonly counts = new Map<string, number>();
  readonly latency = new Distribution();
  readonly lag = new Distribution();

  constructor({ kind, tenant, connection, flow, endpoint }: SeriesKey) {
    this.key = { kind, tenant, connection, flow, endpoint };
  }

  add({ kind, counts, latency, lag }: MeasureRow): void {
    for (const [name, count] of Object.entries(counts)) {
      const known = this.counts.get(name);
      // A queue is no flow: what counts of an hour is how long it became.
      this.counts.set(name, known === undefined ? count : kind === "queue" ? Math.max(known, count) : known + count);
    }
    if (latency !== null) this.latency.merge(latency);
    if (lag !== null) this.lag.merge(lag);
  }

  toRow(at: number): MeasureRow {
    return {
      ...this.key,
      at,
      counts: Object.fromEntries(this.counts),
      latency: this.latency.count === 0 ? null : this.latency.store(),
      lag: this.lag.count === 0 ? null : this.lag.store(),
    };
  }
}

/** Rows by their series, each merged. */
export function mergeRows(rows: Iterable<MeasureRow>): Map<string, MergedRows> {
  const merged = new Map<string, MergedRows>();
  for (const row of rows) {
    const id = toId(row);
    let one = merged.get(id);
    if (one === undefined) merged.set(id, (one = new MergedRows(row)));
    one.add(row);
  }
  return merged;
}

export function toId({ kind, tenant, connection, flow, endpoint }: SeriesKey): string {
  return `${kind}\n${tenant}\n${connection}\n${flow}\n${endpoint}`;
}
