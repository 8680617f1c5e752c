import { type AnyConnector, BelayError, type Config, type Connection, type Flow, hostSource } from "@belay/sdk";
import { furtherConnections } from "./further-connections.ts";
import { type ConnectionIndex, indexConnections } from "./index-connections.ts";

/** A flow that an event of an endpoint starts, and the connection it writes to. */
export interface Route {
  readonly flow: Flow;
  readonly target: Connection;
}

/** Where one connection's webhooks arrive. */
export interface Endpoint {
  readonly connection: Connection;
  readonly connector: AnyConnector;
  readonly webhooks: NonNullable<AnyConnector["webhooks"]>;
  /** Routes by event type; a type without one is ignored. */
  readonly routes: ReadonlyMap<string, readonly Route[]>;
}

/** What runs here, indexed for the hot path. */
export interface Catalog {
  readonly config: Config;
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  readonly connections: ReadonlyMap<string, Connection>;
  /** The connections of a tenant; empty for one that has none. */
  ofTenant(tenant: string): readonly Connection[];
  readonly flows: ReadonlyMap<string, Flow>;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** What an event of the host application starts: routes by tenant, then by event type. */
  readonly hostRoutes: ReadonlyMap<string, ReadonlyMap<string, readonly Route[]>>;
}

/**
 * Indexes a configuration and checks what only shows when its parts meet.
 *
 * @throws `CATALOG_FLOW_UNROUTABLE` naming flow, tenant and remedy.
 */
export function buildCatalog(config: Config): Catalog {
  const connections = indexConnections(config.connections);
  const connectors = new Map(config.connectors.map((connector) => [connector.id, connector]));
  const endpoints = config.connections.flatMap((connection): [string, Endpoint][] => {
    const connector = connectors.get(connection.connector);
    if (connection.endpoint === undefined || connector?.webhooks === undefined) return [];
    return [
      [connection.endpoint, { connection, connector, webhooks: connector.webhooks, routes: findRoutes(config, connections, connection) }],
    ];
  });
  return {
    config,
    connectors,
    connections: connections.byId,
    ofTenant: (tenant) => connections.ofTenant(tenant),
    flows: new Map(config.flows.map((flow) => [flow.id, flow])),
    endpoints: new Map(endpoints),
    hostRoutes: new Map(
      [...new Set(config.connections.map(({ tenant }) => tenant))].map((tenant) => [
        tenant,
        findRoutes(config, connections, { tenant, connector: hostSource }),
      ]),
    ),
  };
}

function findRoutes(config: Config, connections: ConnectionIndex, source: Pick<Connection, "tenant" | "connector">): Map<string, Route[]> {
  const ofTenant = connections.ofTenant(source.tenant);
  const routes = new Map<string, Route[]>();
  for (const flow of config.flows) {
    if (flow.on[0]?.connector !== source.connector) continue;
    const targets = ofTenant.filter(({ connector }) => connector === flow.to.id);
    if (targets.length > 1) {
      const names = targets.map(({ id }) => id).join(", ");
      throw new BelayError(
        "CATALOG_FLOW_UNROUTABLE",
        `Flow "${flow.id}" cannot tell which of ${names} to write to for tenant "${source.tenant}": keep one connection to "${flow.to.id}" per tenant.`,
      );
    }
    const [target] = targets;
    // A tenant without that target has not connected it: the flow does not apply to it.
    if (target === undefined || furtherConnections(ofTenant, flow, source) === undefined) continue;
    for (const { type } of flow.on) routes.set(type, [...(routes.get(type) ?? []), { flow, target }]);
  }
  return routes;
}
