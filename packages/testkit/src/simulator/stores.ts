import type { ResourceModel } from "./resource-model.ts";
import { createStore } from "./store.ts";
import type { Place, ResourceStore, StoreOptions, StoredRecord, Write } from "./store.ts";

/** Everything that one account keeps: a store per resource and place. */
export interface Stores {
  of(model: ResourceModel, place: Place): ResourceStore;
  /** Of all places, in the order in which they were first used. */
  records(resource: string): readonly StoredRecord[];
  writes(resource: string): readonly Write[];
}

export function openStores(options: Pick<StoreOptions, "account" | "nextSequence" | "onWrite">): Stores {
  const byResource = new Map<string, Map<string, ResourceStore>>();
  const all = (resource: string): readonly ResourceStore[] => [...(byResource.get(resource)?.values() ?? [])];
  return {
    of(model, place) {
      const places = byResource.get(model.name) ?? new Map<string, ResourceStore>();
      byResource.set(model.name, places);
      const key = JSON.stringify(place);
      const store = places.get(key) ?? createStore({ ...model, ...options, place });
      places.set(key, store);
      return store;
    },
    records: (resource) => all(resource).flatMap((store) => store.all()),
    writes: (resource) => all(resource).flatMap((store) => store.writes()),
  };
}
