import { Distribution } from "./distribution.ts";

/** A flow may throw errors with codes of its own, as many as it likes. */
const mostNames = 60;

/** Adds to a count; what there is no room for is counted by the first part of its name, as `dead.other`. */
export function addCount(counts: Map<string, number>, name: string, by: number): void {
  const fits = counts.size < mostNames || counts.has(name);
  const known = fits ? name : name.includes(".") ? `${name.slice(0, name.indexOf("."))}.other` : "other";
  counts.set(known, (counts.get(known) ?? 0) + by);
}

/** What one series counted in one minute. */
export class Tally {
  readonly counts = new Map<string, number>();
  latency: Distribution | undefined;
  lag: Distribution | undefined;

  add(name: string, by: number): void {
    addCount(this.counts, name, by);
  }

  took(ms: number, times: number): void {
    this.latency ??= new Distribution();
    this.latency.add(ms, times);
  }

  arrivedAfter(ms: number): void {
    this.lag ??= new Distribution();
    this.lag.add(ms);
  }
}
