import type { BudgetUse, Demand, Grant } from "@belay/sdk/http";
import { lanes } from "./lanes.ts";
import type { LocalBudget, Waiting } from "./local-budget.ts";
import type { ByLane } from "./types.ts";

/** A call that waits for permits of all the budgets that it uses. */
export interface Place {
  readonly demand: Demand;
  readonly uses: readonly (readonly [LocalBudget, BudgetUse])[];
  /** Its lane's place among the lanes. */
  readonly lane: number;
  readonly giveUpAt: number;
  readonly resolve: (grant: Grant) => void;
}

/** Calls that wait in one thread: lanes one after another, within a lane who came first. */
export class WaitingCalls {
  readonly #lanes: readonly Set<Place>[] = lanes.map(() => new Set());
  readonly #byBudget = new Map<LocalBudget, Set<Place>>();

  get size(): number {
    return this.#lanes.reduce((sum, { size }) => sum + size, 0);
  }

  add(place: Place): void {
    this.#lanes[place.lane]?.add(place);
    for (const [budget] of place.uses) {
      const places = this.#byBudget.get(budget);
      if (places === undefined) this.#byBudget.set(budget, new Set([place]));
      else places.add(place);
    }
  }

  remove(place: Place): void {
    this.#lanes[place.lane]?.delete(place);
    for (const [budget] of place.uses) {
      const places = this.#byBudget.get(budget);
      places?.delete(place);
      if (places?.size === 0) this.#byBudget.delete(budget);
    }
  }

  /** In the order in which they are served; may be changed meanwhile. */
  all(): readonly Place[] {
    return this.#lanes.flatMap((places) => [...places]);
  }

  /** Whether somebody waits for one of these who comes first. */
  isBehind(uses: Place["uses"], lane: number): boolean {
    if (this.size === 0) return false;
    return uses.some(([budget]) => [...(this.#byBudget.get(budget) ?? [])].some((place) => place.lane <= lane));
  }

  /** What those who wait for a budget need of it; undefined while nobody does. */
  of(budget: LocalBudget): Waiting | undefined {
    const places = this.#byBudget.get(budget);
    if (places === undefined) return undefined;
    const units = budget.limits.map((): [number, number, number, number] => [0, 0, 0, 0]);
    const dearest = budget.limits.map(() => 1);
    for (const { uses, lane } of places)
      for (const [used, { costs }] of uses) {
        if (used !== budget) continue;
        for (const [index, byLane] of units.entries()) {
          const cost = costs[index] ?? 1;
          byLane[lane] = (byLane[lane] ?? 0) + cost;
          dearest[index] = Math.max(dearest[index] ?? 1, cost);
        }
      }
    return { units: units satisfies readonly ByLane[], calls: places.size, dearest };
  }

  /** What the first that waits for it takes of it. */
  firstOf(budget: LocalBudget): BudgetUse | undefined {
    for (const { uses } of this.#byBudget.get(budget) ?? []) return uses.find(([used]) => used === budget)?.[1];
    return undefined;
  }
}
