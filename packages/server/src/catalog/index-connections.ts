import type { Connection } from "@belay/sdk";

/** Connections, found without looking at all of them: an installation has tens of thousands, and one is looked for with every event. */
export interface ConnectionIndex {
  readonly byId: ReadonlyMap<string, Connection>;
  /** In the order in which they came; empty for a tenant that has none. */
  ofTenant(tenant: string): readonly Connection[];
  /** Everybody who has one. */
  readonly tenants: Pick<ReadonlyMap<string, unknown>, "has" | "keys" | "size">;
  /** Adds one, or puts it in the place of the one of this id. */
  put(connection: Connection): void;
  remove(id: string): void;
}

interface OfTenant {
  readonly byId: Map<string, Connection>;
  /** Made when it is asked for, so that a change costs the same however many there are. */
  list: readonly Connection[] | undefined;
}

export function indexConnections(connections: readonly Connection[]): ConnectionIndex {
  const byId = new Map<string, Connection>();
  const byTenant = new Map<string, OfTenant>();
  const remove = (id: string): void => {
    const known = byId.get(id);
    const ofTenant = known && byTenant.get(known.tenant);
    if (known === undefined || ofTenant === undefined) return;
    byId.delete(id);
    ofTenant.byId.delete(id);
    ofTenant.list = undefined;
    if (ofTenant.byId.size === 0) byTenant.delete(known.tenant);
  };
  const put = (connection: Connection): void => {
    const { id, tenant } = connection;
    if (byId.get(id)?.tenant !== tenant) remove(id);
    const ofTenant = byTenant.get(tenant) ?? { byId: new Map<string, Connection>(), list: undefined };
    byTenant.set(tenant, ofTenant);
    byId.set(id, connection);
    ofTenant.byId.set(id, connection);
    ofTenant.list = undefined;
  };
  for (const connection of connections) put(connection);
  return {
    byId,
    ofTenant: (tenant) => {
      const ofTenant = byTenant.get(tenant);
      if (ofTenant === undefined) return [];
      ofTenant.list ??= [...ofTenant.byId.values()];
      return ofTenant.list;
    },
    tenants: byTenant,
    put,
    remove,
  };
}
