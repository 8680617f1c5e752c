import type { AnyConnector, Sync } from "@belay/sdk";

export const noHints: ReadonlyMap<string, readonly string[]> = new Map();

/** Which syncs, by id, an event of a connector makes look for changes, by the event's type: those of the resources that name it in `changes.hints`. */
export function findHints(syncs: readonly Sync[], { id, resources }: AnyConnector): ReadonlyMap<string, readonly string[]> {
  const found = syncs
    .filter(({ source }) => source.connector === id)
    .flatMap((sync) => (resources[sync.source.resource]?.changes?.hints ?? []).map((type) => ({ type, sync: sync.id })));
  const byType = Map.groupBy(found, ({ type }) => type);
  return new Map([...byType].map(([type, ofType]) => [type, ofType.map(({ sync }) => sync)]));
}
