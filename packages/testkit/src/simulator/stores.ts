import { idsSpanPlaces } from "@belay/sdk";
import type { ResourceModel } from "./resource-model.ts";
import { createStore } from "./store.ts";
import type { Place, ResourceStore, StoreOptions, StoredRecord, Write } from "./store.ts";

/** Everything that one account keeps: a store per resource and place. */
export interface Stores {
  of(model: ResourceModel, place: Place): ResourceStore;
  /** The store that is asked for by a path: where that names a record and not all of its place, the one that ever held the record. */
  asked(model: ResourceModel, place: Place, id: string | undefined): ResourceStore;
  /** Of all places, in the order in which they were first used. */
  records(resource: string): readonly StoredRecord[];
  writes(resource: string): readonly Write[];
}

export function openStores(options: Pick<StoreOptions, "account" | "nextSequence" | "onWrite">): Stores {
  const byResource = new Map<string, Map<string, ResourceStore>>();
  const all = (resource: string): readonly ResourceStore[] => [...(byResource.get(resource)?.values() ?? [])];

  const of = (model: ResourceModel, place: Place): ResourceStore => {
    const places = byResource.get(model.name) ?? new Map<string, ResourceStore>();
    byResource.set(model.name, places);
    const key = JSON.stringify(place);
    const known = places.get(key);
    if (known !== undefined) return known;
    const others = (): readonly ResourceStore[] =>
      idsSpanPlaces(model.resource) ? all(model.name).filter((other) => other !== store) : [];
    const elsewhere = (): number => others().reduce((sum, other) => sum + other.ever(), 0);
    const store: ResourceStore = createStore({ ...model, ...options, place, elsewhere });
    places.set(key, store);
    return store;
  };

  return {
    of,
    asked(model, place, id) {
      if (id === undefined || !idsSpanPlaces(model.resource)) return of(model, place);
      const { find } = model.resource;
      const fields = find?.style.kind === "path" ? find.by : [];
      // Where a find puts its value in the place of the id, the path may name either.
      const isHeld = (store: ResourceStore): boolean =>
        store.getEver(id) !== undefined || fields.some((field) => store.findBy(field, id).length > 0);
      return all(model.name).find((store) => isWithin(store.place, place) && isHeld(store)) ?? of(model, place);
    },
    records: (resource) => all(resource).flatMap((store) => store.all()),
    writes: (resource) => all(resource).flatMap((store) => store.writes()),
  };
}

/** Whether `place` has everything that `named` says of it. */
function isWithin(place: Place, named: Place): boolean {
  return Object.entries(named).every(([name, value]) => place[name] === value);
}
