import type { Connection } from "@belay/sdk";

/** Connections, found without looking at all of them: an installation has tens of thousands, and one is looked for with every event. */
export interface ConnectionIndex {
  readonly byId: ReadonlyMap<string, Connection>;
  /** Empty for a tenant that has none. */
  ofTenant(tenant: string): readonly Connection[];
}

export function indexConnections(connections: readonly Connection[]): ConnectionIndex {
  const byTenant = Map.groupBy(connections, ({ tenant }) => tenant);
  return {
    byId: new Map(connections.map((connection) => [connection.id, connection])),
    ofTenant: (tenant) => byTenant.get(tenant) ?? [],
  };
}
