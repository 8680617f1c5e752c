/** How a provider counts. */
export interface Counting {
  readonly kind: "sliding" | "fixed" | "by the clock";
  readonly requests: number;
  readonly perMs: number;
  /** How far its clock runs ahead. */
  readonly skewMs: number;
  /** When fixed windows begin, by its clock. */
  readonly phaseMs: number;
}

/** A provider that counts exactly what reaches it, and refuses nothing, so that every request too many shows. */
export class StrictProvider {
  readonly arrivals: { readonly at: number; readonly cost: number }[] = [];
  readonly #counting: Counting;

  constructor(counting: Counting) {
    this.#counting = counting;
  }

  receive(nowMs: number, cost: number): void {
    this.arrivals.push({ at: nowMs + this.#counting.skewMs, cost });
  }

  /** By how much the fullest window exceeds the limit; 0 when none does. */
  overshoot(): number {
    const { kind, requests, perMs, phaseMs } = this.#counting;
    let worst = 0;
    if (kind === "sliding") {
      let [first, inWindow] = [0, 0];
      for (const { at, cost } of this.arrivals) {
        inWindow += cost;
        while ((this.arrivals[first]?.at ?? at) <= at - perMs) inWindow -= this.arrivals[first++]?.cost ?? 0;
        worst = Math.max(worst, inWindow - requests);
      }
      return worst;
    }
    const windows = new Map<number, number>();
    const begin = kind === "fixed" ? phaseMs : 0;
    for (const { at, cost } of this.arrivals) {
      const window = Math.floor((at - begin) / perMs);
      const count = (windows.get(window) ?? 0) + cost;
      windows.set(window, count);
      worst = Math.max(worst, count - requests);
    }
    return worst;
  }

  /** The share of what was allowed in this time that was used. */
  utilisation(fromMs: number, untilMs: number): number {
    const { requests, perMs, skewMs } = this.#counting;
    const used = this.arrivals.reduce((sum, { at, cost }) => (at - skewMs >= fromMs && at - skewMs < untilMs ? sum + cost : sum), 0);
    return used / ((requests * (untilMs - fromMs)) / perMs);
  }
}
