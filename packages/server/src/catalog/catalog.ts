import {
  type AnyConnector,
  type Batch,
  type Config,
  type Connection,
  type Flow,
  hostSource,
  type Secret,
  type Sync,
  type TwoWay,
} from "@belay/sdk";
import { checkRoutes, findRoutesAnyway, type Routes } from "./find-routes.ts";
import { findHints, noHints } from "./find-hints.ts";
import { indexConnections } from "./index-connections.ts";

/** The webhook secrets of a connection, all valid at once; a promise where they have to be opened first. */
export type WebhookSecrets = () => readonly Secret[] | Promise<readonly Secret[]>;

/** Where one connection's webhooks arrive. */
export interface Endpoint {
  readonly connection: Connection;
  readonly connector: AnyConnector;
  readonly webhooks: NonNullable<AnyConnector["webhooks"]>;
  readonly webhookSecrets: WebhookSecrets;
  /** Routes by event type; a type without one is ignored. */
  readonly routes: Routes;
  /** The syncs, by id, that look for changes after an event of a type, by that type. */
  readonly hints: ReadonlyMap<string, readonly string[]>;
}

/** What runs here, indexed for the hot path. */
export interface Catalog {
  readonly config: Config;
  readonly connectors: ReadonlyMap<string, AnyConnector>;
  /** Those of the configuration and those that were made since, as far as they are known here. */
  readonly connections: ReadonlyMap<string, Connection>;
  /** The connections of a tenant; empty for one that has none. */
  ofTenant(tenant: string): readonly Connection[];
  /** Those that batches are run as among them. */
  readonly flows: ReadonlyMap<string, Flow>;
  readonly syncs: ReadonlyMap<string, Sync>;
  readonly batches: ReadonlyMap<string, Batch>;
  readonly twoWays: ReadonlyMap<string, TwoWay>;
  readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** What an event of the host application starts: routes by tenant, then by event type. */
  readonly hostRoutes: Pick<ReadonlyMap<string, Routes>, "get" | "has" | "keys" | "size">;
}

/** A catalog to which connections come, and from which they go, while it is in use. */
export interface GrowingCatalog extends Catalog {
  /** Adds a connection, or puts it in the place of the one of this id. It costs the same however many there are. */
  put(connection: Connection, webhookSecrets?: WebhookSecrets): void;
  /** Takes a connection out; one that is not there is none. */
  remove(id: string): void;
}

/**
 * Indexes a configuration and checks what only shows when its parts meet.
 *
 * @throws `CATALOG_FLOW_UNROUTABLE` naming flow, tenant and remedy.
 */
export function buildCatalog(config: Config): GrowingCatalog {
  const index = indexConnections(config.connections);
  for (const tenant of index.tenants.keys()) checkRoutes(config, index.ofTenant(tenant));
  const connectors = new Map(config.connectors.map((connector) => [connector.id, connector]));
  const hints = new Map(config.connectors.map((connector) => [connector.id, findHints(config.syncs ?? [], connector)]));
  const endpoints = new Map<string, Endpoint>();
  // Worked out when an event asks for them, and anew after one of the tenant's connections has changed.
  const known = new Map<string, Map<string, Routes>>();
  const routesOf = (source: Pick<Connection, "tenant" | "connector">): Routes => {
    const ofTenant = known.get(source.tenant) ?? new Map<string, Routes>();
    known.set(source.tenant, ofTenant);
    const routes = ofTenant.get(source.connector) ?? findRoutesAnyway(config, index.ofTenant(source.tenant), source);
    ofTenant.set(source.connector, routes);
    return routes;
  };
  const dropEndpoint = (id: string): void => {
    const before = index.byId.get(id);
    if (before === undefined) return;
    known.delete(before.tenant);
    if (before.endpoint !== undefined) endpoints.delete(before.endpoint);
  };
  const addEndpoint = (connection: Connection, webhookSecrets: WebhookSecrets): void => {
    const connector = connectors.get(connection.connector);
    if (connection.endpoint === undefined || connector?.webhooks === undefined) return;
    endpoints.set(connection.endpoint, {
      connection,
      connector,
      webhooks: connector.webhooks,
      webhookSecrets,
      hints: hints.get(connector.id) ?? noHints,
      get routes() {
        return routesOf(connection);
      },
    });
  };
  for (const connection of config.connections) addEndpoint(connection, () => connection.webhookSecrets ?? []);
  return {
    config,
    connectors,
    connections: index.byId,
    ofTenant: (tenant) => index.ofTenant(tenant),
    flows: new Map([...config.flows, ...(config.batches ?? []).map(({ flow }) => flow)].map((flow) => [flow.id, flow])),
    batches: new Map((config.batches ?? []).map((batch) => [batch.id, batch])),
    syncs: new Map((config.syncs ?? []).map((sync) => [sync.id, sync])),
    twoWays: new Map((config.twoWays ?? []).map((twoWay) => [twoWay.id, twoWay])),
    endpoints,
    hostRoutes: {
      get: (tenant) => (index.tenants.has(tenant) ? routesOf({ tenant, connector: hostSource }) : undefined),
      has: (tenant) => index.tenants.has(tenant),
      keys: () => index.tenants.keys(),
      get size() {
        return index.tenants.size;
      },
    },
    put: (connection, webhookSecrets = () => connection.webhookSecrets ?? []) => {
      dropEndpoint(connection.id);
      index.put(connection);
      known.delete(connection.tenant);
      addEndpoint(connection, webhookSecrets);
    },
    remove: (id) => {
      dropEndpoint(id);
      index.remove(id);
    },
  };
}
