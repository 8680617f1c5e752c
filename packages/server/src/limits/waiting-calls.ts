import type { BudgetUse, Demand, Grant } from "@belay/sdk/http";
import { lanes } from "./lanes.ts";
import type { LocalBudget, Waiting } from "./local-budget.ts";

/** A call that waits for permits of all the budgets that it uses. */
export interface Place {
  readonly demand: Demand;
  readonly uses: readonly (readonly [LocalBudget, BudgetUse])[];
  /** Its lane's place among the lanes. */
  readonly lane: number;
  readonly giveUpAt: number;
  readonly resolve: (grant: Grant) => void;
}

/** Those who wait for one budget. */
interface Queue {
  readonly places: Set<Place>;
  readonly byLane: [number, number, number, number];
  readonly units: [number, number, number, number][];
  readonly dearest: number[];
}

/** Calls that wait in one thread: lanes one after another, within a lane who came first. Thousands may: what is asked for each call does not grow with them. */
export class WaitingCalls {
  readonly #lanes: readonly Set<Place>[] = lanes.map(() => new Set());
  readonly #queues = new Map<LocalBudget, Queue>();

  get size(): number {
    return this.#lanes.reduce((sum, { size }) => sum + size, 0);
  }

  add(place: Place): void {
    this.#lanes[place.lane]?.add(place);
    for (const [budget, use] of place.uses) {
      const queue = this.#queues.get(budget) ?? emptyQueue(budget);
      this.#queues.set(budget, queue);
      queue.places.add(place);
      for (const [index, cost] of use.costs.entries()) queue.dearest[index] = Math.max(queue.dearest[index] ?? 1, cost);
      count(queue, place, use, 1);
    }
  }

  remove(place: Place): void {
    this.#lanes[place.lane]?.delete(place);
    for (const [budget, use] of place.uses) {
      const queue = this.#queues.get(budget);
      if (queue === undefined || !queue.places.delete(place)) continue;
      count(queue, place, use, -1);
      if (queue.places.size === 0) this.#queues.delete(budget);
    }
  }

  /** In the order in which they are served; may be changed meanwhile. */
  all(): readonly Place[] {
    return this.#lanes.flatMap((places) => [...places]);
  }

  /** Whether somebody waits for one of these who comes first. */
  isBehind(uses: Place["uses"], lane: number): boolean {
    if (this.#queues.size === 0) return false;
    return uses.some(([budget]) => this.#queues.get(budget)?.byLane.some((calls, index) => calls > 0 && index <= lane) === true);
  }

  /** What those who wait for a budget need of it; undefined while nobody does. */
  of(budget: LocalBudget): Waiting | undefined {
    const queue = this.#queues.get(budget);
    if (queue === undefined) return undefined;
    const units = queue.units.map(([interactive, event, sync, backfill]) => [interactive, event, sync, backfill] as const);
    return { units, calls: queue.places.size, dearest: [...queue.dearest] };
  }

  /** What the first that waits for it takes of it. */
  firstOf(budget: LocalBudget): BudgetUse | undefined {
    for (const { uses } of this.#queues.get(budget)?.places ?? []) return uses.find(([used]) => used === budget)?.[1];
    return undefined;
  }
}

function emptyQueue({ limits }: LocalBudget): Queue {
  return { places: new Set(), byLane: [0, 0, 0, 0], units: limits.map(() => [0, 0, 0, 0]), dearest: limits.map(() => 1) };
}

function count({ byLane, units }: Queue, { lane }: Place, { costs }: BudgetUse, sign: 1 | -1): void {
  byLane[lane] = (byLane[lane] ?? 0) + sign;
  for (const [index, of] of units.entries()) of[lane] = (of[lane] ?? 0) + sign * (costs[index] ?? 1);
}
