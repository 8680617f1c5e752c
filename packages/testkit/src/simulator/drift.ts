import type { ListingHabits } from "./listing-habits.ts";
import type { Random } from "./random.ts";
import type { ResourceModel } from "./resource-model.ts";
import type { ResourceStore } from "./store.ts";

/**
 * What others do to the records between two pages of a walk: a copy of a record is created, or a record deleted. A copy lacks the
 * values of unique fields. Draws thrice in any case.
 */
export function driftBy(
  random: Random,
  habits: () => ListingHabits,
  now: () => number,
): (model: ResourceModel, store: ResourceStore) => void {
  return (model, store) => {
    const [creates, deletes, which] = [random(), random(), random()];
    const { drift = {} } = habits();
    const records = store.all();
    const chosen = records[Math.floor(which * records.length)];
    if (chosen === undefined) return;
    if (creates < (drift.creates ?? 0)) {
      const copy = Object.entries(chosen.fields).filter(([name]) => !model.unique.includes(name));
      store.plant(Object.fromEntries(copy), now());
    }
    if (deletes < (drift.deletes ?? 0)) store.delete(chosen, undefined, now());
  };
}
